/** What the native API answers: cases, what can be done on them, how they went. Names are the API's own. */
import type { Actor, Label, OrganisationRef, PlaceRef, Position, Provenance } from "./basics";
import type { ThingRow } from "./things";
import type { EvidencePoint, WarningRow } from "./warnings";

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
  /** 督办 that stands: by nobody, the platform (a clock ran out). */
  supervised: { since: string | null; by: OrganisationRef | null; level: number; note: string; awaiting: boolean } | null;
  taken_over: boolean;
  provenance: Provenance;
}
export interface Ask {
  name: string;
  label: Label;
  kind: "text" | "number" | "choice" | "date" | "organisation" | "organisations" | "flag" | "case" | "account" | "category";
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
/** People outside: how many see it too, what the reporter said of each ending, and texts sent to him. */
export interface PublicSide {
  also: number;
  verdicts: { at: string; solved: boolean; satisfaction: number | null; words: string }[];
  texts: { at: string; channel: string; state: string; text: string; sent: string | null }[];
}
export interface Case extends CaseRow {
  text: string;
  reporter: { shown: boolean; name?: string; phone?: string; original?: string | null; reason: Label } | null;
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
  /** The case it is a part of, and its own parts. */
  parent: { id: number; number: string } | null;
  parts: CaseRow[];
  public: PublicSide;
  suspended: { reason?: unknown; approver?: unknown; review?: string | number };
  facts: Record<string, unknown>;
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
