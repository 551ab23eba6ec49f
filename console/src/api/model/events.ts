/** What the native API answers: what happens, and what is found. Names are the API's own. */
import type { Actor, Colour, Label, PlaceRef, Position } from "./basics";
import type { CaseRow } from "./cases";
import type { ThingRow } from "./things";
import type { WarningRow } from "./warnings";

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
