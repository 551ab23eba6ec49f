/** Procedures: how cases are handled, and one action on many cases. */
import type { Ask, Label } from "./model";
import { request, type Problem } from "./http";

export interface ProcedureRow {
  name: string;
  label: Label;
  noun: Label;
  pack: string;
  digest: string;
  states: number;
  actions: number;
  open: number;
  /** Of these on an older version. */
  older: number;
}
interface Part { name: string; label: Label }
export interface ProcedureState extends Part {
  kind: "open" | "side" | "end";
  ending: string;
  turn: Part[];
  begins: Part[];
  open: number;
}
export interface ProcedureAction extends Part {
  of: string[];
  to: Record<string, string[]>;
  automatic: boolean;
  final: boolean;
  roles: (Part & { side: Label })[];
  when: Label[];
  asks: Label[];
  proof: Label[];
  clocks: { clock: string; label: Label; effect: "start" | "stop" | "pause" | "resume" | "restart" | "extend" }[];
  unlike: Label[];
  notes: Label[];
  help: Label | null;
}
export interface ProcedureClock extends Part {
  amount: number;
  unit: string;
  unit_label: Label;
  window: boolean;
  optional: boolean;
  warn_left: number;
  escalate: Part[];
  source: string;
  confidence: string;
}
export interface ProcedureLimit {
  stage: string;
  stage_label: Label;
  kind: string;
  codes: string[];
  condition: string;
  urgency: string;
  mode: string;
  amount: number;
  unit: string;
  unit_label: Label;
  source: string;
  confidence: string;
  by: "city" | "pack";
}
export interface Difference {
  part: "state" | "action" | "clock" | "window" | "procedure";
  name: string;
  change: "gone" | "new" | "changed";
  fields: Record<string, [unknown, unknown]>;
}
export interface ProcedureVersion {
  digest: string;
  current: boolean;
  open: Record<string, number>;
  differences: Difference[];
  lost: string[];
}
export interface ProcedurePage extends ProcedureRow {
  number: string;
  start: string;
  state_list: ProcedureState[];
  action_list: ProcedureAction[];
  clocks: ProcedureClock[];
  limits: ProcedureLimit[];
  separation: [Label, Label][];
  versions: ProcedureVersion[];
}
export interface CommonAction { action: string; label: Label; asks: Ask[]; final: boolean; possible: number[] }
export interface BulkResult {
  id: number;
  number: string;
  done: boolean;
  version: number | null;
  state: string;
  state_label: Label | null;
  problem: Problem | null;
}
export interface BulkAnswer { done: number; refused: number; results: BulkResult[] }

export const procedures = {
  list: (signal?: AbortSignal) => request<ProcedureRow[]>("/procedures", { signal }),
  get: (name: string, signal?: AbortSignal) => request<ProcedurePage>(`/procedures/${name}`, { signal }),
};
export const bulk = {
  actions: (ids: number[], signal?: AbortSignal) => request<CommonAction[]>("/cases/actions", { query: { ids: ids.join(",") }, signal }),
  act: (action: string, rows: { id: number; version: number }[], answers: Record<string, unknown>, key: string) =>
    request<BulkAnswer>(`/cases/actions/${action}`, { method: "POST", json: { cases: rows.map(({ id, version }) => ({ id, version })), answers }, key }),
};
