/** What the native API answers: things of the city and what they observe. Names are the API's own. */
import type { Label, PlaceRef, Position, Provenance, Tone } from "./basics";
import type { CaseRow } from "./cases";
import type { WarningRow } from "./warnings";

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
