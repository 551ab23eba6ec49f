/** What the native API answers: devices and gateways, rules and how often they were wrong. */
import type { Label, PlaceRef, Tone } from "./basics";

export type DeviceState = "quarantined" | "admitted" | "blocked";
export interface DeviceRow {
  id: number;
  version: number;
  protocol: string;
  address: string;
  state: DeviceState;
  name: Label;
  thing: { id: number; label: Label } | null;
  profile: string;
  secret: boolean;
  channels: number;
  first_seen: string | null;
  last_seen: string | null;
  peer: string;
  packets: number;
  refused: number;
  note: string;
}
export interface DeviceFault {
  at: string;
  protocol: string;
  peer: string;
  reason: string;
  data: string;
}
export interface ChannelRow {
  channel: string;
  stream: number;
  name: string;
  property: string;
  unit: string;
  wire_unit: string | null;
  time: string | null;
  number: number | null;
}
export interface Device extends DeviceRow {
  mapped: ChannelRow[];
  heard: string[];
  rows: number;
  unmapped: number;
  facts: Record<string, unknown>;
  options: Record<string, unknown>;
  faults: DeviceFault[];
}
export interface DevicePage {
  rows: DeviceRow[];
  after: string | null;
  counts: Record<string, number>;
}
export interface DeviceProfile {
  name: string;
  label: Label;
  protocol: string;
}
export interface Gateways {
  ports: { protocol: string; host: string; port: number; transport: string; open: boolean; trouble: string; connections: number }[];
  faults: DeviceFault[];
  turned_away: number;
  packets: Record<string, number>;
}

export interface RuleThreshold {
  part: string;
  word: string;
  property: string;
  unit: string;
  of: string;
  name: string;
  value: number | null;
}
export interface RuleVersion {
  digest: string;
  since: string | null;
  until: string | null;
  holds: boolean;
  hold: string;
  clear_for: string;
  late: string;
  source: string;
  thresholds: RuleThreshold[];
}
export interface Rule {
  name: string;
  label: Label;
  pack: string;
  pack_label: Label;
  type: string;
  type_label: Label;
  property: string;
  property_label: Label;
  unit: string;
  colour: Tone;
  opens_cases: boolean;
  versions: RuleVersion[];
}
export interface Figure {
  raised: number;
  waiting: number;
  confirmed: number;
  false_alarm: number;
  joined: number;
  other: number;
  judged: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}
export interface RuleFigure {
  rule: string;
  label: Label;
  gone: boolean;
  total: Figure;
  before: Figure;
  target: number | null;
  raised: number[];
  judged: number[];
  false_alarm: number[];
}
export interface RuleFigures {
  since: string;
  until: string;
  step: string;
  starts: string[];
  definition: Label;
  complete: boolean;
  total: Figure;
  rows: RuleFigure[];
}
export interface PlaceFigures {
  rows: { place: PlaceRef | null; figure: Figure }[];
  complete: boolean;
}
