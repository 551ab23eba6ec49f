/** My messages, and what the city tells the outside: webhooks, keys, the outbox. */
import { request } from "./http";
import type { Label } from "./model";

type Query = Record<string, string | number | boolean | null | undefined>;
export interface PageOf<T> { rows: T[]; after: string | null }
interface Named { id: number; label: Label }

export interface MessageRow {
  id: number;
  kind: string;
  text: string;
  at: string;
  read: boolean;
  case: number | null;
  number: string;
}
export interface Unread { n: number; more: boolean }
export interface Subscription {
  id: number;
  version: number;
  name: string;
  url: string;
  kinds: string[];
  place: Named | null;
  organisation: Named | null;
  account: Named;
  own: boolean;
  state: string;
  why: string;
  key_id: string;
  failures: number;
  failing_since: string | null;
  next_try: string | null;
  secret: string | null;
}
export interface Delivery {
  id: number;
  state: string;
  first: number;
  last: number;
  count: number;
  kind: string;
  status: number | null;
  error: string;
  attempts: number;
  at: string;
  again: number | null;
}
export interface ApiKey {
  id: number;
  name: string;
  may: string[];
  shown: string;
  per_minute: number;
  since: string;
  revoked: string | null;
  key: string | null;
}
export interface OutboxRow {
  id: number;
  channel: string;
  kind: string;
  state: string;
  case: number | null;
  number: string;
  attempts: number;
  next_try: string | null;
  error: string;
  at: string;
}

export const messages = {
  list: (query: Query, signal?: AbortSignal) => request<PageOf<MessageRow>>("/messages", { query, signal }),
  unread: () => request<Unread>("/messages/unread"),
  read: (ids: number[]) => request<Unread>("/messages/read", { method: "POST", json: { ids } }),
  outbox: (state: string, after: string | null) => request<PageOf<OutboxRow>>("/outbox", { query: { state, after } }),
  retry: (id: number) => request<OutboxRow>(`/outbox/${id}/retry`, { method: "POST", json: {} }),
};

const send = <T>(path: string, method: "POST" | "PATCH" | "DELETE", json: unknown, key?: string) =>
  request<T>(path, { method, json, key });

export const subscriptions = {
  list: () => request<PageOf<Subscription>>("/subscriptions"),
  kinds: () => request<{ pattern: string; label: Label }[]>("/subscriptions/kinds"),
  create: (body: { name: string; url: string; kinds: string[] }, key: string) =>
    send<Subscription>("/subscriptions", "POST", body, key),
  state: (row: Subscription, state: "active" | "paused") => send<Subscription>(`/subscriptions/${row.id}`, "PATCH", { state }),
  rotate: (id: number) => send<Subscription>(`/subscriptions/${id}/rotate`, "POST", {}),
  end: (id: number) => send<void>(`/subscriptions/${id}`, "DELETE", undefined),
  test: (id: number) => send<{ taken: boolean; status: number | null; error: string }>(`/subscriptions/${id}/test`, "POST", {}),
  deliveries: (id: number) => request<PageOf<Delivery>>(`/subscriptions/${id}/deliveries`, { query: { limit: 20 } }),
  again: (id: number, delivery: number) => send<Delivery>(`/subscriptions/${id}/deliveries/${delivery}/again`, "POST", {}),
};

export const keys = {
  list: () => request<PageOf<ApiKey>>("/keys"),
  issue: (name: string, key: string) => send<ApiKey>("/keys", "POST", { name, may: ["report"] }, key),
  revoke: (id: number) => send<ApiKey>(`/keys/${id}`, "DELETE", undefined),
};
