/** 交接班 sheets, and the figures of the census. */
import { address, request } from "./http";
import type { CaseRow, Label } from "./model";

interface Who { account: number; name: Label }
export interface HandoverRow {
  id: number; desk: string; desk_label: Label; since: string; until: string; state: "drafted" | "signed" | "taken"; state_label: Label;
  open: number; overdue: number; given_by: Who | null; taken_by: Who | null;
}
export interface HandoverSheet {
  id: number; version: number; row: HandoverRow; drafted: string; late: boolean; open: { label: Label; n: number }[];
  lists: { label: Label; n: number; rows: CaseRow[] }[]; to_judge: number | null; done: { label: Label; n: number }[]; notes: string;
  given_at: string | null; taken_at: string | null; remark: string; may: string[];
}
type Query = Record<string, string | number | undefined | null>;

export const handovers = {
  list: (query: Query, signal?: AbortSignal) =>
    request<{ rows: HandoverRow[]; after: string | null; desks: { name: string; label: Label; mine: boolean }[]; shifts: string[] }>("/handovers", { query, signal }),
  get: (id: number, signal?: AbortSignal) => request<HandoverSheet>(`/handovers/${id}`, { signal }),
  draft: (desk: string, key: string) => request<HandoverSheet>("/handovers", { method: "POST", json: { desk }, key }),
  note: (sheet: HandoverSheet, notes: string) =>
    request<HandoverSheet>(`/handovers/${sheet.id}/notes`, { method: "PUT", json: { notes }, version: sheet.version }),
  sign: (sheet: HandoverSheet, version: number) => request<HandoverSheet>(`/handovers/${sheet.id}/sign`, { method: "POST", json: {}, version }),
  take: (sheet: HandoverSheet, remark: string) =>
    request<HandoverSheet>(`/handovers/${sheet.id}/take`, { method: "POST", json: { remark }, version: sheet.version }),
};

export interface Census {
  type: string; label: Label; types: Record<string, Label>; source: string; n: number; classes: { code: string; label: Label; n: number }[];
  grids: { place: { id: number; code: string; name: Label } | null; n: number }[];
  fields: { column: string; label: Label; required: boolean; filled: number }[];
}
export const census = {
  figures: (type: string | undefined, signal?: AbortSignal) => request<Census>("/census", { query: { type }, signal }),
  exportAddress: (type: string) => address("/census/export.csv", { type }),
};
