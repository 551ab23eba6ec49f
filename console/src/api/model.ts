/** What the native API answers (docs/reference, /api/v1). Names are the API's own. */

export interface Label {
  zh: string;
  en: string;
}
export type Tone = "calm" | "notice" | "blue" | "yellow" | "orange" | "red";
export type Colour = "blue" | "yellow" | "orange" | "red";
export type Position = [number, number];
export type Provenance = "recorded" | "derived" | "simulated" | string;

export interface Page<T> {
  rows: T[];
  after: string | null;
}

export interface RoleLabel {
  name: string;
  label: Label;
}
export interface Account {
  id: number;
  name: string;
  login: string;
  organisation: { id: number; label: Label } | null;
  side: string;
  roles: RoleLabel[];
  language: "zh" | "en" | null;
  simulated: boolean;
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
  actions: Record<string, { label: Label }>;
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
  categories: Record<string, { label: Label; major: string | Label }>;
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
  unit: string | Label | null;
  previous?: number | null;
  tone: Tone;
  definition: Label;
  provenance: Provenance;
  link: string;
}
export interface Series {
  time: string[];
  value: (number | null)[];
  unit: string;
  label: Label;
}

export interface LiveColumns {
  id: number[];
  lon: number[];
  lat: number[];
  name: (string | Label | null)[];
  value: (number | null)[] | null;
  time: (string | null)[] | null;
  tone: Tone[];
  geometry: "point" | "line";
  /** One list of parts for each row. */
  lines?: Position[][][] | null;
}

export interface PlaceRef {
  id: number;
  code: string;
  name: string | Label;
}
export interface ThingRow {
  id: number;
  type: string;
  code: string;
  name: string | Label;
  position: Position | null;
  place: PlaceRef | null;
  component_class: string | null;
  provenance: Provenance;
}
export interface Stream {
  id: number;
  name: string | Label;
  property: string;
  unit: string;
  low: number | null;
  high: number | null;
  latest: { time: string; number: number | null; quality: string | number } | null;
}
export interface Thing extends ThingRow {
  properties: Record<string, unknown>;
  links: Record<string, { id: number; name: string | Label; type: string; position?: Position | null }[]>;
  geometry: unknown;
  streams: Stream[];
  warnings: WarningRow[];
  cases: CaseRow[];
  versions: number;
}
export interface Observations {
  time: string[];
  number: (number | null)[];
  quality: (string | number)[];
  unit: string;
}

export type WarningState = "to_judge" | "confirmed" | "false_alarm" | "joined";
export interface WarningRow {
  id: number;
  version: number;
  rule: string;
  title: Label;
  colour: Colour;
  state: WarningState;
  thing: { id: number; name: string | Label; type: string; position: Position | null } | null;
  place: PlaceRef | null;
  began: string;
  raised: string;
  cleared: string | null;
  peak: number | null;
  unit: string | null;
  cause: string;
  case: { id: number; number: string } | null;
  explanation: Label;
  provenance: Provenance;
}
export interface EvidencePoint {
  time: string;
  number: number | null;
  property: string;
  unit: string;
  stream?: number;
}
export interface Warning extends WarningRow {
  evidence: EvidencePoint[];
  clearing: EvidencePoint[];
  same_cause: WarningRow[];
  judged: { by: string | { name: string } | null; at: string; reason: string } | null;
  level?: number | null;
}

export type ClockTone = "calm" | "amber" | "red" | "paused" | "stopped";
export interface Left {
  amount: number;
  unit: string;
}
export interface RunningClock {
  name: string;
  label: Label;
  due: string | null;
  left: Left | null;
  share_left: number | null;
  tone: ClockTone;
  overdue: boolean;
}
export interface CaseClock {
  name: string;
  label: Label;
  amount: number;
  unit: string;
  started: string;
  due: string | null;
  mark: "running" | "paused" | "stopped";
  used: number;
  overdue: boolean;
  tone: ClockTone;
  left: Left | null;
}
export interface OrganisationRef {
  id: number;
  label: Label;
}
export interface CaseRow {
  id: number;
  version: number;
  number: string;
  procedure: string;
  state: string;
  category: { kind: string; code: string; label: Label };
  title: Label;
  source: string;
  urgency: "ordinary" | "urgent" | "critical";
  position: Position | null;
  position_text: string;
  place: PlaceRef | null;
  organisation: OrganisationRef | null;
  opened: string;
  closed: string | null;
  ending: string;
  clock: RunningClock | null;
  warnings: number;
  joined: number;
  holder: { id: number; name: string } | number | null;
  simulated: boolean;
}
export interface Ask {
  name: string;
  label: Label;
  kind: "text" | "number" | "choice" | "date" | "organisation" | "case" | "account";
  choices: Record<string, Label> | null;
  required: boolean;
  low?: number | null;
  high?: number | null;
}
export type FileStage = "report" | "verify" | "handle" | "check" | "other";
export interface Proof {
  photos: string[];
  stage: FileStage;
  /** Stages whose photo the new one has to match, the first that is there. */
  same_angle_as: FileStage[] | FileStage | null;
  sensor_clear: boolean;
}
export interface Offer {
  action: string;
  label: Label;
  allowed: boolean;
  reason: Label | string | null;
  asks: Ask[];
  proof: Proof | null;
  effects: Label[];
  final: boolean;
}
export interface Actor {
  account: number | null;
  name: string | Label;
  role: string;
  organisation: OrganisationRef | null;
  simulated: boolean;
}
export interface TimelineEntry {
  at: string;
  recorded_at: string;
  action: string;
  label: Label;
  by: Actor | null;
  facts: Record<string, unknown>;
  explain: Label | null;
  files: number[];
  position: number | null;
}
export interface CaseFile {
  id: number;
  stage: FileStage;
  role: string;
  name: string;
  media_type: string;
  size: number;
  taken: string | null;
  position: Position | null;
  by: Actor | string | null;
  provenance: Provenance;
  url: string;
}
export interface Case extends CaseRow {
  text: string;
  reporter: { shown: boolean; name?: string; phone?: string; reason: Label | string | null } | null;
  definition: string;
  thing: { id: number; name: string | Label; type: string; position?: Position | null } | null;
  clocks: CaseClock[];
  offers: Offer[];
  timeline: TimelineEntry[];
  files: CaseFile[];
  warnings_list: WarningRow[];
  joined_list: CaseRow[];
  main: { id: number; number: string } | null;
  suspended: { reason?: unknown; approver?: unknown; review?: string } | null;
}
export interface Explanation {
  text: Label;
  who: unknown[];
  what: unknown;
  when: unknown;
  definition: unknown;
  evidence: { observations: unknown[]; photos: unknown[] };
  verified: boolean;
  positions: [number, number] | null;
}
export interface CaseCounts {
  states: { procedure: string; state: string; label: Label; n: number }[];
  mine: number;
  overdue: number;
}
export interface JudgeOutcome {
  id: number;
  ok?: boolean;
  case?: { id: number; number: string } | null;
  error?: { title?: string; detail?: string } | string | null;
}

export interface RecordEvent {
  position: number;
  kind: string;
  at: string;
  title: Label;
  subject: { noun: string; id: number; number?: string } | null;
  colour?: Colour | null;
  position_lonlat?: Position | null;
  case_state?: string | null;
  actor: Actor | null;
  action?: string;
}
export interface SearchAnswer {
  things: ThingRow[];
  cases: CaseRow[];
  places: PlaceRef[];
  warnings: WarningRow[];
}
export interface Health {
  ok: boolean;
  version: string;
  database: string;
  packing_backlog: number | null;
}
