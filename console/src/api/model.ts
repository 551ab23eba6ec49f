/** What the native API answers (docs/reference, /api/v1). Names are the API's own. */

export interface Label {
  zh: string;
  en: string;
}
export type Tone = "calm" | "notice" | "blue" | "yellow" | "orange" | "red";
export type Colour = "blue" | "yellow" | "orange" | "red";
export type Position = [number, number];
/** Where a row comes from: recorded (source, licence), derived (by which code) or simulated. */
export interface Provenance {
  kind: "recorded" | "derived" | "simulated";
  source?: string;
  licence?: string;
}

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
  name: Label;
}
export interface ThingRow {
  id: number;
  type: string;
  code: string;
  name: Label;
  position: Position | null;
  place: PlaceRef | null;
  component_class: string | null;
  provenance: Provenance;
}
export interface Stream {
  id: number;
  name: string;
  property: string;
  label: Label | null;
  unit: string;
  low: number | null;
  high: number | null;
  latest: { time: string; number: number | null } | null;
}
export interface LinkedThing {
  id: number;
  name: Label;
  type: string;
  position: Position | null;
}
export interface Thing extends ThingRow {
  properties: Record<string, unknown>;
  links: Record<string, LinkedThing[]>;
  /** `type/role` → the things that name it in that role. */
  linked_from: Record<string, LinkedThing[]>;
  geometry: unknown;
  streams: Stream[];
  warnings: WarningRow[];
  cases: CaseRow[];
  versions: number;
}
export interface Observations {
  time: string[];
  number: (number | null)[];
  quality: number[];
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
  thing: { id: number; name: Label; type: string; position: Position | null } | null;
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
  joined_to: number | null;
  judged: { by: Actor | null; at: string | null; reason: string } | null;
  /** What the value was compared with. */
  level: number | null;
}

export type ClockTone = "calm" | "amber" | "red" | "paused" | "stopped";
export interface Left {
  amount: number;
  unit: string;
  unit_label?: Label;
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
  side?: string;
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
  holder: OrganisationRef | null;
  taken_over: boolean;
  provenance: Provenance;
}
export interface Ask {
  name: string;
  label: Label;
  kind: "text" | "number" | "choice" | "date" | "organisation" | "case" | "account";
  choices: { value: string | number; label: Label }[];
  required: boolean;
  low: number | null;
  high: number | null;
  /** A date that has to lie ahead. */
  later: boolean;
  /** The unit the list of responsibilities names. */
  suggested: number | null;
}
export type FileStage = "report" | "verify" | "handle" | "check" | "other";
export interface Proof {
  photos: string[];
  stage: FileStage;
  sensor_clear: boolean;
  needs: Need[];
  met: boolean;
}
export interface Need {
  label: Label;
  stage: FileStage | null;
  role: string;
  /** Files one of which the photo has to match. */
  same_angle_as: number[];
  met: boolean;
  met_by: number[];
  reason: Label | null;
}
export interface Offer {
  action: string;
  label: Label;
  allowed: boolean;
  /** The reader holds a role that does it. */
  mine: boolean;
  reason: Label | null;
  remedy: Label | null;
  asks: Ask[];
  proof: Proof | null;
  effects: Label[];
  seen_by: Label[];
  final: boolean;
  suggested_because: Label | null;
  help: Label | null;
}
export interface Actor {
  account: number | null;
  name: Label;
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
  explain: Record<string, unknown>;
  files: number[];
  position: number;
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
  by: Actor | null;
  same_angle_as: number | null;
  provenance: Provenance;
  url: string;
}
export interface Case extends CaseRow {
  text: string;
  reporter: { shown: boolean; name?: string; phone?: string; reason: Label } | null;
  definition: { procedure: string; label: Label; digest: string; current: boolean };
  thing: ThingRow | null;
  rounds: number;
  can_undo: boolean;
  can_take: boolean;
  clocks: CaseClock[];
  offers: Offer[];
  timeline: TimelineEntry[];
  files: CaseFile[];
  warnings_list: WarningRow[];
  joined_list: CaseRow[];
  main: { id: number; number: string } | null;
  suspended: { reason?: unknown; approver?: unknown; review?: string | number };
}
export interface ExplainedStep {
  position: number;
  at: string;
  action: Label;
  who: Label;
  role: Label | null;
  organisation: OrganisationRef | null;
  before: Label | null;
  after: Label | null;
  text: Label;
}
export interface Explanation {
  text: Label;
  who: Label[];
  what: ExplainedStep[];
  definition: string[];
  evidence: { observations: EvidencePoint[]; cleared_by: EvidencePoint[]; photos: CaseFile[] };
  /** Null: not checked here. */
  verified: boolean | null;
  positions: [number, number];
}
export interface CaseCounts {
  states: { procedure: string; state: string; label: Label; n: number }[];
  mine: number;
  overdue: number;
}
export interface JudgeOutcome {
  id: number;
  ok: boolean;
  state: string | null;
  case: number | null;
  error: string;
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
