/** What the situation page shows: layers in view, open warnings and cases, and what is selected. */
import { computed, reactive, ref, shallowReactive, shallowRef, watch, type InjectionKey } from "vue";
import { useRoute, useRouter } from "vue-router";
import { cases, things, warnings } from "@/api/calls";
import type { CaseRow, LiveColumns, WarningRow } from "@/api/model";
import { theCity } from "@/state/city";
import { live } from "@/state/live";
import { useLoad } from "@/state/load";
import { usePace } from "@/state/pace";

export type SelectionKind = "thing" | "warning" | "case";
export interface Selection {
  kind: SelectionKind;
  id: number;
}
export interface View {
  box: [number, number, number, number];
  zoom: number;
}

const MOST_MARKS = 200;

export function useScene() {
  const city = theCity();
  const route = useRoute();
  const router = useRouter();

  /** City time shown: null is now. The moment lives in the address, so that it can be sent to somebody. */
  const at = computed<number | null>(() => Date.parse(String(route.query.at)) || null);
  function goTo(moment: number | null): void {
    void router.replace({ query: { ...route.query, at: moment === null ? undefined : new Date(moment).toISOString() } });
  }
  const past = () => (at.value === null ? {} : { at: new Date(at.value).toISOString() });

  const shown = reactive(new Set<string>(["warnings", "cases", ...city.layers.filter((layer) => layer.visible).map((layer) => layer.name)]));
  const view = ref<View>({ box: city.box, zoom: 11 });
  const columns = shallowReactive(new Map<string, LiveColumns>());
  const openWarnings = shallowRef<WarningRow[]>([]);
  const openCases = shallowRef<CaseRow[]>([]);

  const selection = computed<Selection | null>(() => {
    for (const kind of ["thing", "warning", "case"] as const) {
      const id = Number(route.query[kind]);
      if (id) return { kind, id };
    }
    return null;
  });
  function select(next: Selection | null): void {
    const query = { ...route.query };
    for (const kind of ["thing", "warning", "case"]) delete query[kind];
    if (next) query[next.kind] = String(next.id);
    void router.replace({ query });
  }

  const object = useLoad((signal) => things.get(selectedThing.value ?? 0, signal));
  const selectedWarning = computed(() => (selection.value?.kind === "warning" ? openWarnings.value.find((row) => row.id === selection.value?.id) ?? null : null));
  const selectedCase = computed(() => (selection.value?.kind === "case" ? openCases.value.find((row) => row.id === selection.value?.id) ?? null : null));
  const selectedThing = computed<number | null>(() => {
    if (selection.value?.kind === "thing") return selection.value.id;
    return selectedWarning.value?.thing?.id ?? null;
  });
  watch(selectedThing, (id) => {
    object.value.value = null;
    if (id) void object.run();
  }, { immediate: true });

  const marks = useLoad(async (signal) => {
    const query = at.value === null ? { open: true, limit: MOST_MARKS } : { ...past(), limit: MOST_MARKS };
    const [warningPage, casePage] = await Promise.all([warnings.list(query, signal), cases.list(query, signal)]);
    openWarnings.value = warningPage.rows;
    openCases.value = casePage.rows;
    return true;
  });

  const inView = computed(() => city.layers.filter((layer) => shown.has(layer.name) && view.value.zoom >= layer.min_zoom));
  const layersLoad = useLoad(async (signal) => {
    const query = { bbox: view.value.box.map((edge) => edge.toFixed(5)).join(","), ...past() };
    await Promise.all(inView.value.map(async (layer) => {
      const answer = await things.live(layer.name, query, signal);
      if (!signal.aborted) columns.set(layer.name, answer);
    }));
    return true;
  });

  usePace(() => live.records, () => at.value === null && void marks.run(), 2_000);
  usePace(() => live.observations, () => at.value === null && void layersLoad.run(), 1_500);
  usePace([inView, view], () => void layersLoad.run(), 300);
  usePace(at, () => void Promise.all([marks.run(), layersLoad.run()]), 250);
  void marks.run();
  void layersLoad.run();

  return {
    city, shown, view, columns, openWarnings, openCases, selection, select, object, selectedWarning, selectedCase,
    marks, layersLoad, at, goTo,
  };
}

export type Scene = ReturnType<typeof useScene>;
export const SCENE: InjectionKey<Scene> = Symbol("scene");
