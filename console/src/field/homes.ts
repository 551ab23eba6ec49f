/** Households and the registers that ask about them, as the phone shows and keeps them. */
import { request } from "@/api/http";
import type { Actor, Label, PlaceRef, Position, Provenance } from "@/api/model";
import { ASK_MS } from "./api";
import { keep, keptOf } from "./kept";

export type Value = string | number | boolean | null;
export type Values = Record<string, Value>;
export type About = "household" | "person" | "unit";

export interface Field {
  name: string;
  label: Label;
  about: About;
  kind?: "text" | "number" | "date" | "choice" | "flag";
  choices?: Record<string, Label>;
  unit?: string;
  low?: number;
  high?: number;
  data_class?: number;
  check?: string;
  kept?: string;
  from_id?: string;
  required?: boolean;
}
export interface Condition {
  field: string;
  equals?: Value;
  one_of?: string[];
  at_least?: number;
  years_at_least?: number;
  years_below?: number;
}
export interface Register {
  name: string;
  label: Label;
  about: About;
  fields: string[];
  when?: Condition[];
  source?: string;
}
export interface Registers {
  fields: Field[];
  registers: { definition: Register; entries: number | null; exports: boolean }[];
}
export interface HomeRow {
  id: number;
  version: number;
  code: string;
  place: PlaceRef | null;
  position: Position | null;
  address: string;
  head: string;
  members: number;
  registers: string[];
  visited: string | null;
  provenance: Provenance;
}
export interface Member {
  party: number;
  kind: About;
  values: Values;
  hidden: string[];
  registers: string[];
}
export interface Home extends HomeRow {
  values: Values;
  hidden: string[];
  people: Member[];
  visits: { id: number; at: string; by: Actor | null; kind: string; filled: Record<string, number>; note: string }[];
}

/** The server's answer, else what was kept of it. */
async function orKept<T>(id: string, ask: () => Promise<T>): Promise<{ value: T; stale: boolean }> {
  try {
    const value = await ask();
    await keep(id, value);
    return { value, stale: false };
  } catch (error) {
    const kept = await keptOf<T>(id);
    if (!kept) throw error;
    return { value: kept.value, stale: true };
  }
}

const signal = () => AbortSignal.timeout(ASK_MS);

export const askRegisters = () => orKept("registers", () => request<Registers>("/registers", { signal: signal() }));
export const askHome = (id: number) => orKept(`home/${id}`, () => request<Home>(`/households/${id}`, { signal: signal() }));
export const askHomes = (query: Record<string, string | number | null>) =>
  orKept(`homes/${JSON.stringify(query)}`, () => request<{ rows: HomeRow[]; after: string | null }>("/households", { query, signal: signal() }));

function years(born: string, today: Date): number | null {
  const [year, month, day] = born.split("-").map(Number);
  if (!year || !month || !day) return null;
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day);
  return today.getFullYear() - year - (before ? 1 : 0);
}

/** As the server decides it; here only to ask for the right fields. */
export function holds(part: Condition, values: Values, today = new Date()): boolean {
  const value = values[part.field];
  if (value === undefined || value === null || value === "") return false;
  if (part.equals !== undefined && part.equals !== null && value !== part.equals) return false;
  if (part.one_of?.length && !part.one_of.includes(String(value))) return false;
  if (part.at_least !== undefined && part.at_least !== null && Number(value) < part.at_least) return false;
  const least = part.years_at_least ?? null;
  const below = part.years_below ?? null;
  if (least === null && below === null) return true;
  const old = years(String(value), today);
  return old !== null && (least === null || old >= least) && (below === null || old < below);
}

export function applying(registers: Registers, about: About, values: Values): Register[] {
  return registers.registers.map((one) => one.definition).filter((one) => one.about === about && (one.when ?? []).every((part) => holds(part, values)));
}

/** The fields to ask: those of the registers that apply, and those that decide whether others do; each once. */
export function asked(registers: Registers, about: About, values: Values): Field[] {
  const wanted = new Set(applying(registers, about, values).flatMap((one) => one.fields));
  for (const { definition } of registers.registers) {
    if (definition.about === about) (definition.when ?? []).forEach((part) => wanted.add(part.field));
  }
  return registers.fields.filter((field) => field.about === about && wanted.has(field.name));
}

/** Birth date and sex as the citizen number tells them. */
export function fromNumber(text: string): { born: string; sex: string } | null {
  const found = /^\d{6}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dXx]$/.exec(text.trim());
  return found ? { born: `${found[1]}-${found[2]}-${found[3]}`, sex: Number(found[4]) % 2 ? "male" : "female" } : null;
}
