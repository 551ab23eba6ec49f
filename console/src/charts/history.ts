/** What a history chart is given, and how a span of time becomes rows or windows. */
import { things } from "@/api/calls";
import type { StreamRow, Tone } from "@/api/model";

export interface Curve {
  id: number;
  label: string;
  unit: string;
  time: string[];
  value: (number | null)[];
  /** Least and greatest of each window; absent where rows are drawn. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** Of each row: 0 good, 1 late, 16 and more doubted. */
  quality?: number[];
}
export interface Level {
  label: string;
  value: number;
  tone: Tone;
}
export interface Spell {
  id: number;
  label: string;
  from: number;
  to: number;
  tone: Tone;
}
export interface Span {
  from: number;
  to: number;
}

const SECOND = 1000;
const HOUR = 3600;
const MOST_ROWS = 6000;
const MOST_WINDOWS = 700;
/** Seconds; each divides a day. */
const WINDOWS = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800];

/** Width of a window in seconds, or 0 where the span is short enough for the rows themselves. `hourly`: rows are no longer
 * kept in some of it, hourly values are. */
export function windowOf(span: Span, interval: number | null, hourly: boolean): number {
  const seconds = (span.to - span.from) / SECOND;
  if (!hourly && seconds / (interval ?? 60) <= MOST_ROWS) return 0;
  const least = hourly ? HOUR : 0;
  return WINDOWS.find((width) => width >= least && seconds / width <= MOST_WINDOWS) ?? 2_592_000;
}

/** The span in the query's words; windows of hours are asked from whole hours on and up to one. */
function asked(span: Span, window: number): { start: string; end: string } {
  const step = window % HOUR || !window ? 1 : HOUR * SECOND;
  const [from, to] = [Math.floor(span.from / step) * step, Math.ceil(span.to / step) * step];
  return { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
}

export async function curveOf(stream: StreamRow, label: string, span: Span, window: number, signal: AbortSignal): Promise<Curve> {
  const query = asked(span, window);
  const { id, unit } = stream;
  if (!window) {
    const rows = await things.observations(id, { ...query, limit: 20_000 }, signal);
    return { id, label, unit, time: rows.time, value: rows.number, quality: rows.quality };
  }
  const found = await things.rollups(id, { ...query, window: `PT${window}S` }, signal);
  return { id, label, unit, time: found.start, value: found.mean, low: found.min, high: found.max };
}
