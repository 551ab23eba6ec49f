/** What the native API answers: warnings and their evidence. Names are the API's own. */
import type { Actor, Colour, Label, PlaceRef, Position, Provenance } from "./basics";

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
  ended: string;
  revised: string | null;
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
