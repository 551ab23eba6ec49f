/** Evaluation, 交接班, the list of responsibilities, likely duplicates and the census. */
import { address, request } from "./http";
import type { CaseRow, Label, Position } from "./model";

type Query = Record<string, string | number | boolean | null | undefined>;

export interface SheetCount { name: string; label: Label }
export interface SheetSetting { name: string; label: Label; value: number; source: string; confidence: string; confirmed: boolean }
export interface Indicator {
  name: string; label: Label; unit: string; decimals: number; better: string; target: number | null; definition: Label;
  source: string; confidence: string; confirmed: boolean; graded: boolean; counts: string[]; settings: SheetSetting[];
}
export interface Sheet { key: string; object: string; role: string; label: Label; pack: Label; indicators: Indicator[]; counts: SheetCount[] }
export interface FigurePart { name: string; label: Label; value: number | null; weight: number }
export interface Figure { value: number | null; grade: string; parts: FigurePart[] }
export interface SheetLine {
  id: number; name: Label; within: Label; simulated: boolean; counts: Record<string, number>; figures: Record<string, Figure>; excused: number;
}
export interface SheetRows { sheet: Sheet; first: string; last: string; only_own: boolean; rows: SheetLine[] }

export const evaluation = {
  sheets: (signal?: AbortSignal) => request<{ sheets: Sheet[]; first: string; last: string }>("/evaluation", { signal }),
  figures: (key: string, query: Query, signal?: AbortSignal) => request<SheetRows>(`/evaluation/${key}`, { query, signal }),
  cases: (key: string, id: number, query: Query, signal?: AbortSignal) =>
    request<{ rows: CaseRow[]; total: number; after: string | null }>(`/evaluation/${key}/${id}/cases`, { query, signal }),
  exportAddress: (key: string, query: Query) => address(`/evaluation/${key}/export.csv`, query),
};

export interface LikeCase { case: CaseRow; score: number; same_category: boolean; metres: number | null; minutes: number; words: string[]; reason: Label }
export const duplicates = (
  body: { category: { kind: string; code: string } | null; position: Position | null; text: string; except_case?: number }, signal?: AbortSignal,
) => request<{ rows: LikeCase[]; metres: number; hours: number }>("/cases/duplicates", { method: "POST", json: body, signal });

export interface Duty {
  id: number; kind: string; code: string; category: Label; place: string; place_name: Label; organisation: { id: number; label: Label } | null;
  organisation_code: string; basis: string; since: string; until: string | null; case: { id: number; label: Label } | null;
}
export interface DutyChange {
  change: "new" | "changed" | "ended" | "same" | "refused"; line: number | null; kind: string; code: string; place: string; organisation: string;
  basis: string; before: string; field: string; reason: string; remedy: string;
}
export const duties = {
  list: (query: Query, signal?: AbortSignal) => request<{ rows: Duty[]; total: number; stored: boolean }>("/responsibilities", { query, signal }),
  history: (id: number, signal?: AbortSignal) => request<{ rows: Duty[]; total: number }>(`/responsibilities/${id}/history`, { signal }),
  bring: (body: { text: string; whole: boolean; apply: boolean }, key: string) =>
    request<{ counts: Record<string, number>; rows: DutyChange[]; applied: boolean }>("/responsibilities/import", { method: "POST", json: body, key }),
  exportAddress: () => address("/responsibilities/export.csv"),
};
