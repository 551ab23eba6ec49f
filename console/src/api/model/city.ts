/** What the native API answers: the city, who is signed in, figures. Names are the API's own. */
import type { Colour, Label, Position, Tone } from "./basics";

export interface RoleLabel {
  name: string;
  label: Label;
}
export interface Account {
  id: number;
  name: Label;
  login: string;
  organisation: { id: number; label: Label } | null;
  side: string;
  roles: RoleLabel[];
  language: "zh" | "en";
  simulated: boolean;
  /** Permissions as `verb noun`; `*` for any. */
  may: string[];
}
export interface Session {
  account: Account;
  csrf: string;
}

export interface LegendStep {
  from?: number | null;
  colour: Tone;
  label: Label;
}
export interface LayerDefinition {
  name: string;
  label: Label;
  type: string;
  shows: string | null;
  min_zoom: number;
  visible: boolean;
  legend: LegendStep[];
}
export interface PropertyOfThing {
  name: string;
  label: Label;
  unit?: string | null;
  kind?: string;
  choices?: string | null;
}
export interface ThingTypeDefinition {
  label: Label;
  geometry: "point" | "line" | "area" | "any" | "none";
  symbol: string;
  properties: PropertyOfThing[];
  links: { name: string; label: Label; to: string; many?: boolean }[];
  component_class: string | null;
}
export interface ProcedureDefinition {
  label: Label;
  noun: Label;
  states: Record<string, { label: Label; kind: "open" | "side" | "end" }>;
  actions: Record<string, { label: Label; does?: string | null }>;
  clocks: Record<string, { label: Label }>;
}
export interface DemoAccount {
  login: string;
  name: string;
  roles: string[];
  organisation: Label;
}
export interface City {
  name: string;
  label: Label;
  division: string;
  zone: string;
  box: [number, number, number, number];
  centre: Position;
  source: string;
  licence: string;
  demo: boolean;
  demo_password?: string;
  packs: { name: string; label: Label; version: string; problem: Label; effect: Label }[];
  types: Record<string, ThingTypeDefinition>;
  properties: Record<string, { label: Label; unit: string; low: number | null; high: number | null; interval: string | null }>;
  layers: LayerDefinition[];
  code_tables?: Record<string, { label: Label; codes: Record<string, Label> }>;
  cards: Record<string, { properties?: string[]; charts?: string[]; links?: string[]; columns?: string[] }>;
  procedures: Record<string, ProcedureDefinition>;
  rules: Record<string, { label: Label; colour: Colour; type: string; property: string; says?: Label }>;
  roles: Record<string, { label: Label; side: string }>;
  sources: Record<string, Label>;
  categories: Record<string, { label: Label; major: Label; middle: Label }>;
  demo_accounts?: DemoAccount[];
}

export interface CityClock {
  city_time: string;
  rate: number;
  running: boolean;
  night: { label: Label; start: string; end: string; phase: Label | null } | null;
  preparing: { text: Label; progress: number } | null;
}
export interface Kpi {
  name: string;
  label: Label;
  value: number | null;
  unit: string;
  previous: number | null;
  tone: Tone;
  definition: Label;
  provenance: Label;
  link: string;
}
export interface Series {
  time: string[];
  value: (number | null)[];
  unit: string;
  label: Label;
}
export interface Health {
  ok: boolean;
  version: string;
  database: string;
  packing_backlog: number | null;
}
