/** Plans, proposals, responses, 叫应 and resources. 事件分级, 预警颜色 and 应急响应级别 are three fields. */
import { request } from "./http";
import type { Actor, CaseRow, Colour, Label, OrganisationRef } from "./model";

type Named = OrganisationRef;
type Person = Actor;

export interface GradeShape { grade: number; label: Label; criteria: Label }
export interface LevelShape {
  level: number; label: Label; criteria: Label; ends: Label; commanders: Label[]; mode: Label | null; tasks: number; calls: number;
}
export interface TriggerShape { level: number; rules: Label[]; colours: Colour[]; count: number; within: string; source: string }
export interface ProposalRow {
  id: number; version: number; plan: string; label: Label; level: number; level_label: Label; colour: Colour | null; reasons: Label[];
  warnings: number[]; at: string; state: "open" | "started" | "dismissed" | "superseded"; response: number | null;
  dismissed_by: Person | null; dismissed_reason: string;
}
export interface PlanRow {
  name: string; label: Label; kind: string; source: string; grades: GradeShape[]; levels: LevelShape[]; triggers: TriggerShape[];
  proposal: ProposalRow | null; dismissed: ProposalRow | null; running: number | null;
}
export interface CallingRow {
  id: number; version: number; plan: Label; post: string; label: Label; person: Person; step: number; called: string; due: string;
  state: "waiting" | "confirmed" | "passed" | "unanswered" | "dropped"; confirmed: string | null; confirmed_by: Person | null;
  channel: string; minutes: number; response: number | null; warnings: number[]; next: Person[]; mine: boolean; may_confirm: boolean;
}
export interface Supply { kind: string; label: Label; needed: number; held: number; left: number; short: number; unit: string }
export interface Ahead {
  plan: string; level: number; refused: string; calls: { post: string; label: Label; minutes: number; people: Person[] }[];
  tasks: { name: string; label: Label; text: Label | null; amount: number; unit: string; proof: string; organisation: Named | null }[];
  supplies: Supply[]; mode: Label | null; mode_now: boolean;
  clocks: { category: Label; stage: Label; amount: number; unit: string }[]; roles: { person: Person; role: Label }[]; running_cases: number;
}
export interface ResponseRow {
  id: number; version: number; plan: string; label: Label; level: number; level_label: Label; event_grade: number | null;
  colour: Colour | null; commander: Person | null; started: string; ended: string | null; end_reason: string; case: Named;
}
export interface ResponsePage extends ResponseRow {
  changes: { at: string; by: Person | null; level: number; event_grade: number | null; colour: Colour | null; reason: string }[];
  callings: CallingRow[]; tasks: CaseRow[];
  mode: { name: string; label: Label; state: string; since: string; until: string | null; cases: number; others: number; roles: Label[] } | null;
  resources: { id: number; kind: string; resource: Label; amount: number; unit: string; since: string; until: string | null }[];
  log: { position: number; at: string; by: Person | null; what: Label; text: string }[];
  ends: Label; refused: string; undo: Label;
}
export interface Decision { level: number; event_grade: number | null; colour: Colour | null; reason: string; accept_shortage: boolean }

export const plans = {
  list: (signal?: AbortSignal) => request<{ rows: PlanRow[]; may_command: boolean }>("/plans", { signal }),
  ahead: (plan: string, level: number, signal?: AbortSignal) => request<Ahead>(`/plans/${plan}/ahead`, { query: { level }, signal }),
  responses: (running: boolean | null, signal?: AbortSignal) => request<{ rows: ResponseRow[] }>("/responses", { query: { running }, signal }),
  response: (id: number, signal?: AbortSignal) => request<ResponsePage>(`/responses/${id}`, { signal }),
  start: (plan: string, body: Decision, key: string) => request<ResponsePage>("/responses", { method: "POST", json: { plan, ...body }, key }),
  change: (id: number, version: number, body: Decision, key: string) =>
    request<ResponsePage>(`/responses/${id}/level`, { method: "POST", json: body, key, version }),
  end: (id: number, version: number, body: { reason: string; drop_tasks: boolean }, key: string) =>
    request<ResponsePage>(`/responses/${id}/end`, { method: "POST", json: body, key, version }),
  release: (id: number, key: string) => request<ResponsePage>(`/reservations/${id}/release`, { method: "POST", json: {}, key }),
  dismiss: (id: number, reason: string, key: string) => request<ProposalRow>(`/proposals/${id}/dismiss`, { method: "POST", json: { reason }, key }),
  reopen: (id: number, key: string) => request<ProposalRow>(`/proposals/${id}/reopen`, { method: "POST", json: {}, key }),
  mine: (signal?: AbortSignal) => request<{ rows: CallingRow[] }>("/callings", { signal }),
  confirm: (id: number, channel: "console" | "phone", key: string) => request<CallingRow>(`/callings/${id}/confirm`, { method: "POST", json: { channel }, key }),
};
