/** The call desk and the knowledge base. */
import { request } from "./http";
import type { Ask, CaseRow, Label, Page, Position } from "./model";

export interface CallRow {
  id: number; version: number; direction: "in" | "out"; state: "talking" | "ended" | "missed" | "returned"; purpose: string; number: string;
  account: { id: number; label: Label } | null; order: CaseRow | null; returns: number | null; began: string; ended: string | null;
}
export interface Caller { known: boolean; names: string[]; open: CaseRow[]; past: CaseRow[]; total: number; calls: CallRow[]; missed: number }
export interface Rung { call: CallRow; number: string; caller: Caller }
export interface Channel { name: string; kind: "transfer" | "decline"; label: Label; tells: Label; number: string; source: string }
export interface DeskAction { does: string; action: string; label: Label; asks: Ask[] }
export interface Desk {
  procedure: string; noun: Label; kinds: string[]; demands: { name: string; label: Label; confidential: boolean }[]; actions: DeskAction[]; channels: Channel[];
}
export type AtOnce = "pass_on" | "dispatch" | "direct_answer" | "transfer" | "decline";
export interface Then { does: AtOnce; organisation?: number; answer?: string; article?: number; channel?: string; note?: string }
export interface NewOrder {
  call?: number; number?: string; name?: string; anonymous?: boolean; confidential?: boolean; demand: string; code?: string; text?: string;
  position?: Position | null; position_text?: string; urgent?: boolean; suggested?: { category: string; confidence: number; model: string }; then?: Then;
}
export interface Visit { reached: boolean; contacted?: boolean; solved?: boolean; satisfaction?: string; words?: string }
export interface LikeCase { case: CaseRow; score: number; reason: Label }
export interface TriageAnswer {
  model: string; category: ClassChoice | null; choices: ClassChoice[]; words: { text: string }[]; unit: { id: number; label: Label; basis: string } | null;
  places: { words: string; name: string; position: Position }[]; urgency: { name: string; label: Label; words: string[] };
  demand: { name: string; label: Label; words: string[] } | null;
}
export interface ClassChoice { kind: string; code: string; label: Label; confidence: number; level: Label }
interface Ref { id: number; label: Label }
export interface Article {
  id: number; version: number; title: string; text: string; keywords: string[]; category: string; category_label: Label | null; unit: Ref | null;
  since: string; until: string | null; source: string; state: "draft" | "approved" | "withdrawn"; edition: number; revises: number | null;
  written_by: Ref; written: string; approved_by: Ref | null; approved: string | null; holds: boolean;
}
export interface Correction {
  id: number; article: number; title: string; text: string; by: Ref; at: string; unit: Ref | null; state: string; answer: string; answered_by: Ref | null; answered: string | null;
}
export interface ArticlePage extends Article {
  editions: { edition: number; title: string; text: string; approved: string | null; approved_by: Ref | null }[];
  corrections: Correction[];
}
export interface ArticleBody {
  title: string; text: string; keywords: string[]; category: string; unit: number | null; since: string; until: string | null; source: string; revises?: number | null;
}
type Made = CaseRow & { version: number };
type Query = Record<string, string | number | boolean | undefined | null>;
const post = <T>(path: string, json?: unknown, key?: string, version?: number) => request<T>(path, { method: "POST", json, key, version });

export const seat = {
  desks: (signal?: AbortSignal) => request<{ rows: Desk[] }>("/orders/desks", { signal }),
  lookup: (number: string) => post<Caller>("/callers/lookup", { number }),
  ring: (number: string, key: string) => post<Rung>("/calls", { number }, key),
  end: (id: number, key: string) => post<CallRow>(`/calls/${id}/end`, {}, key),
  returned: (id: number, key: string) => post<Rung>(`/calls/${id}/return`, undefined, key),
  calls: (query: Query, signal?: AbortSignal) => request<Page<CallRow>>("/calls", { query, signal }),
  open: (order: NewOrder, key: string) => post<Made>("/orders", order, key),
  visit: (id: number, said: Visit, key: string, version?: number) => post<Made>(`/orders/${id}/visit`, said, key, version),
  caller: (id: number, purpose: string) => post<{ name: string; number: string; original: string | null }>(`/orders/${id}/caller`, { purpose }),
  act: (id: number, action: string, answers: Record<string, unknown>, key: string) => post<Made>(`/cases/${id}/actions/${action}`, { answers }, key),
  alike: (json: { category: { kind: string; code: string } | null; position: Position | null; text: string }, signal?: AbortSignal) =>
    request<{ rows: LikeCase[] }>("/cases/duplicates", { method: "POST", json, signal }),
  triage: (json: { text: string; position: Position | null; kinds: string[] }, signal?: AbortSignal) =>
    request<TriageAnswer>("/triage", { method: "POST", json, signal }),
};

export const knowledge = {
  find: (query: Query, signal?: AbortSignal) => request<Page<Article>>("/articles", { query, signal }),
  one: (id: number, signal?: AbortSignal) => request<ArticlePage>(`/articles/${id}`, { signal }),
  write: (body: ArticleBody, key: string) => post<Article>("/articles", body, key),
  change: (id: number, body: ArticleBody, version: number, key: string) => request<Article>(`/articles/${id}`, { method: "PATCH", json: body, version, key }),
  approve: (id: number, key: string) => post<Article>(`/articles/${id}/approve`, undefined, key),
  withdraw: (id: number, key: string) => post<Article>(`/articles/${id}/withdraw`, undefined, key),
  correct: (id: number, text: string, key: string) => post<Correction>(`/articles/${id}/corrections`, { text }, key),
  corrections: (query: Query, signal?: AbortSignal) => request<Page<Correction>>("/corrections", { query, signal }),
  answer: (id: number, done: boolean, answer: string, key: string) => post<Correction>(`/corrections/${id}/answer`, { done, answer }, key),
};
