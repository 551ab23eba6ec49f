/** The tasks near the person: asked for when there is a network, else as they were last seen. */
import { computed, reactive } from "vue";
import type { Problem } from "@/api/http";
import type { Position } from "@/api/model";
import { asProblem } from "@/state/load";
import { askField, type FieldAnswer, type FieldTask } from "./api";
import { learnClock } from "./cityTime";
import { here } from "./here";
import { keep, keptOf } from "./kept";
import { outbox } from "./outbox";

const EARTH = 6_371_008.8;

export const field = reactive<{ answer: FieldAnswer | null; at: number; stale: boolean; loading: boolean; error: Problem | null }>({
  answer: null, at: 0, stale: false, loading: false, error: null,
});

export async function refresh(): Promise<void> {
  if (field.loading) return;
  field.loading = true;
  const [lon, lat] = here.fix?.position ?? [null, null];
  try {
    const answer = await askField(lon, lat);
    Object.assign(field, { answer, at: Date.now(), stale: false, error: null });
    await keep("field", answer);
    void learnClock().catch(() => undefined);
  } catch (error) {
    field.error = asProblem(error);
    const kept = await keptOf<FieldAnswer>("field");
    if (kept) Object.assign(field, { answer: kept.value, at: kept.at, stale: true, error: null });
  } finally {
    field.loading = false;
  }
}

export function metres(one: Position | null | undefined, other: Position | null | undefined): number | null {
  if (!one || !other) return null;
  const [west, south, east, north] = [...one, ...other].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number, number];
  const half = Math.sin((north - south) / 2) ** 2 + Math.cos(south) * Math.cos(north) * Math.sin((east - west) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)));
}

export function distanceOf(task: FieldTask): number | null {
  return metres(here.fix?.position, task.case.position) ?? task.distance;
}

export function distanceWords(away: number | null): string {
  if (away === null) return "";
  return away < 950 ? `${Math.max(10, Math.round(away / 10) * 10)} m` : `${(away / 1000).toFixed(1)} km`;
}

/** What this device has given on a case and not sent yet, by case. */
export const pending = computed(() => {
  const found = new Map<number, string[]>();
  for (const item of outbox.items) {
    if (!item.target || !("id" in item.target)) continue;
    found.set(item.target.id, [...(found.get(item.target.id) ?? []), item.path.split("/").pop() ?? ""]);
  }
  return found;
});

/** A deed given here leads the case to somebody else: nothing is left to do on it. */
export function leaves(task: FieldTask): boolean {
  const done = pending.value.get(task.case.id) ?? [];
  return task.offers.some((offer) => done.includes(offer.action) && offer.to !== task.case.state);
}
