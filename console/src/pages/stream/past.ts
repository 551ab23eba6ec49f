/** What a stream page shows: the span of time and the streams beside it live in the address; zooming can be undone. */
import { computed, ref, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { things, warnings } from "@/api/calls";
import type { StreamRow, WarningRow } from "@/api/model";
import { curveOf, windowOf, type Curve, type Span } from "@/charts/history";
import { cityNow, live } from "@/state/live";
import { useLoad } from "@/state/load";
import { usePace } from "@/state/pace";
import { say } from "@/text/say";

export const HOUR = 3_600_000;
export const MOST_CURVES = 5;

/** The thing's name and what is observed at it: two streams of one thing differ in the second, of one kind in the first. */
export function nameOf(stream: StreamRow): string {
  return `${say(stream.thing.label)} · ${say(stream.label) || stream.property}`;
}

export function usePast() {
  const route = useRoute();
  const router = useRouter();
  const id = computed(() => Number(route.params.id));
  const beside = computed(() => String(route.query.with ?? "").split(",").map(Number).filter((one) => one > 0).slice(0, MOST_CURVES - 1));
  const hours = computed(() => Number(route.query.hours ?? 24) || 24);
  const fixed = computed<Span | null>(() => {
    const [from, to] = [Date.parse(String(route.query.from)), Date.parse(String(route.query.to))];
    return from < to ? { from, to } : null;
  });
  const span = ref<Span>(present());
  const before = ref<Span[]>([]);

  function present(): Span {
    return fixed.value ?? { from: cityNow.value - hours.value * HOUR, to: cityNow.value };
  }
  function put(query: Record<string, string | undefined>): void {
    void router.replace({ query: { ...route.query, ...query } });
  }
  function show(next: Span): void {
    put({ from: new Date(next.from).toISOString(), to: new Date(next.to).toISOString() });
  }
  function zoom(next: Span): void {
    before.value = [...before.value, span.value];
    show(next);
  }
  function back(): void {
    const last = before.value[before.value.length - 1];
    before.value = before.value.slice(0, -1);
    if (last) show(last);
  }
  function preset(next: number): void {
    before.value = [];
    put({ hours: String(next), from: undefined, to: undefined });
  }
  function shift(share: number): void {
    const width = span.value.to - span.value.from;
    show({ from: span.value.from + width * share, to: span.value.to + width * share });
  }
  function compare(streams: number[]): void {
    put({ with: streams.length ? streams.join(",") : undefined });
  }

  const stream = useLoad((signal) => things.stream(id.value, signal));
  const others = useLoad((signal) => Promise.all(beside.value.map((one) => things.stream(one, signal))));
  const window = ref(0);
  const curves = useLoad<Curve[]>(async (signal) => {
    const main = stream.value.value;
    if (!main) return [];
    const asked = [main, ...(others.value.value ?? [])];
    const shown = (span.value = present());
    const hourly = asked.some((one) => one.hourly_before !== null && shown.from < Date.parse(one.hourly_before));
    const width = windowOf(shown, main.interval, hourly);
    const found = await Promise.all(asked.map((one) => curveOf(one, nameOf(one), shown, width, signal)));
    window.value = width;
    return found;
  });
  const spells = useLoad<WarningRow[]>(async (signal) => {
    const thing = stream.value.value?.thing.id;
    if (!thing) return [];
    const { from, to } = present();
    const query = { thing, start: new Date(from).toISOString(), end: new Date(to).toISOString(), limit: 100 };
    return (await warnings.list(query, signal)).rows;
  });

  async function again(): Promise<void> {
    await Promise.all([stream.run(), others.run()]);
    await Promise.all([curves.run(), spells.run()]);
  }
  watch([id, () => route.query.with], () => void again(), { immediate: true });
  watch([() => route.query.from, () => route.query.to, () => route.query.hours], () => void Promise.all([curves.run(), spells.run()]));
  usePace([() => live.observations], () => {
    if (!fixed.value) void Promise.all([curves.run(), stream.run(), spells.run()]);
  }, 10_000);

  return { id, beside, hours, fixed, span, before, window, stream, others, curves, spells, show, zoom, back, preset, shift, compare, again };
}

export type Past = ReturnType<typeof usePast>;
