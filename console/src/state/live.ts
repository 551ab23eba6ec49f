/** What comes from the server while the console is open: records, the city's clock, news of observations. */
import { computed, reactive, shallowRef } from "vue";
import { city as api } from "@/api/calls";
import type { CityClock, RecordEvent } from "@/api/model";
import { openStream } from "@/api/stream";
import { recheckSession } from "./session";

const KEPT = 200;

export const live = reactive({
  state: "connecting" as "connecting" | "open" | "waiting",
  /** Grows with every record: pages watch it to refresh, at their own pace. */
  records: 0,
  observations: 0,
});
export const events = shallowRef<RecordEvent[]>([]);
const clock = shallowRef<CityClock | null>(null);
const received = shallowRef(0);
const beat = shallowRef(0);

/** The city's clock as it was last told. */
export const cityClock = computed(() => clock.value);

/** City time now (ms): the last told time carried on at the city's rate. */
export const cityNow = computed(() => {
  const told = clock.value;
  if (!told) return Date.now();
  const passed = told.running ? Math.max(0, beat.value - received.value) * told.rate : 0;
  return Date.parse(told.city_time) + passed;
});

/** Single uploads are seen in their case; in the stream they would hide what happens. */
function worthTelling(record: RecordEvent): boolean {
  return !record.kind.startsWith("file.");
}

export function tellClock(value: CityClock): void {
  clock.value = value;
  received.value = performance.now();
  beat.value = received.value;
}

let close: (() => void) | null = null;
let ticking = 0;

async function begin(): Promise<void> {
  let after: number | null = null;
  try {
    const [recent, now] = await Promise.all([api.recent(100), api.clock()]);
    events.value = recent.rows.filter(worthTelling);
    after = recent.rows[0]?.position ?? null;
    tellClock(now);
  } catch {
    // The stream tells the same once it is open; until then the badge says that nothing comes in.
    live.state = "waiting";
  }
  if (!ticking) return;
  close = openStream(after, {
    record: (record) => {
      if (worthTelling(record)) events.value = [record, ...events.value].slice(0, KEPT);
      live.records += 1;
    },
    clock: tellClock,
    observations: () => (live.observations += 1),
    state: (state) => (live.state = state),
    refused: () => void recheckSession(),
  });
}

export function startLive(): void {
  if (ticking) return;
  ticking = window.setInterval(() => (beat.value = performance.now()), 1_000);
  void begin();
}

export function stopLive(): void {
  clearInterval(ticking);
  ticking = 0;
  close?.();
  close = null;
  live.state = "connecting";
}

window.addEventListener("offline", () => (live.state = "waiting"));
