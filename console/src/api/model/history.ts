/** What the native API answers: streams, windows of them, and what rules compare them with. */
import type { Label, Provenance, Tone } from "./basics";

export interface StreamRow {
  id: number;
  thing: { id: number; label: Label };
  code: string;
  type: string;
  property: string;
  label: Label | null;
  unit: string;
}
export interface Threshold {
  rule: string;
  label: Label;
  colour: Tone;
  word: "above" | "below" | "equals";
  value: number;
  hold: string;
  clears: boolean;
}
export interface StreamDetail extends StreamRow {
  version: number;
  name: string;
  description: string;
  kind: string;
  low: number | null;
  high: number | null;
  /** Seconds between observations. */
  interval: number | null;
  /** Before it only windows of whole hours are answered: the rows are no longer kept. */
  hourly_before: string | null;
  same_time: string;
  sensor: { id: number; name: string; description: string } | null;
  time: string | null;
  number: number | null;
  thresholds: Threshold[];
  provenance: Provenance;
}
export interface Rollups {
  start: string[];
  n: number[];
  min: (number | null)[];
  max: (number | null)[];
  mean: (number | null)[];
  unit: string;
}
export interface StreamPage {
  rows: StreamRow[];
  after: number | null;
}
