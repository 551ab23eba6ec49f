/** What the registers' pages ask of the API. */
import { address, request } from "@/api/http";
import type { PlaceRef, Provenance } from "@/api/model";
import type { Home, HomeRow, Register, Registers, Value, Values } from "@/field/homes";

export interface EntryRow {
  id: number;
  version: number;
  household: number | null;
  code: string;
  place: PlaceRef | null;
  party: number | null;
  values: Values;
  hidden: string[];
  visited: string | null;
  retired: string | null;
  provenance: Provenance;
}
export interface Entry extends EntryRow {
  versions: { at: string; version: number; values: Values; retired: string | null; visit: number | null }[];
}
export interface ImportRow {
  row: number;
  code: string;
  state: "new" | "changed" | "same" | "wrong";
  field: string;
  reason: string;
  remedy: string;
}
export type { Home, HomeRow, Register, Registers, Value, Values };

type Query = Record<string, string | number | null>;

export const registers = {
  all: () => request<Registers>("/registers"),
  entries: (name: string, query: Query, signal?: AbortSignal) => request<{ rows: EntryRow[]; after: string | null }>(`/registers/${name}/entries`, { query, signal }),
  entry: (name: string, id: number) => request<Entry>(`/registers/${name}/entries/${id}`),
  exportAddress: (name: string, purpose: string, language: string) => address(`/registers/${name}/export.csv`, { purpose, language }),
  take: (name: string, csv: string, preview: boolean, key: string) =>
    request<{ rows: ImportRow[]; saved: boolean }>(`/registers/${name}/import`, { method: "POST", json: { csv, preview }, key }),
  homes: (query: Query, signal?: AbortSignal) => request<{ rows: HomeRow[]; after: string | null }>("/households", { query, signal }),
  home: (id: number, purpose: string) => request<Home>(`/households/${id}`, { query: { purpose } }),
};
