/** A keyset list: the first page loaded anew when asked, further pages behind it. */
import { computed, ref, shallowRef } from "vue";
import { problemWords } from "@/text/problems";
import { asProblem, useLoad } from "./load";
import { notify } from "./notices";

interface PageOf<R> {
  rows: R[];
  after: string | null;
}

export function usePaged<R, P extends PageOf<R>>(fetcher: (after: string | null, signal?: AbortSignal) => Promise<P>) {
  const more = shallowRef<R[]>([]);
  const after = ref<string | null>(null);
  const paging = ref(false);
  const list = useLoad(async (signal) => {
    const page = await fetcher(null, signal);
    more.value = [];
    after.value = page.after;
    return page;
  });
  const rows = computed<R[]>(() => [...(list.value.value?.rows ?? []), ...more.value]);

  async function next(): Promise<void> {
    paging.value = true;
    try {
      const page = await fetcher(after.value);
      more.value = [...more.value, ...page.rows];
      after.value = page.after;
    } catch (error) {
      notify(problemWords(asProblem(error)), { bad: true });
    } finally {
      paging.value = false;
    }
  }
  return { list, rows, after, paging, next, further: computed(() => more.value.length > 0) };
}
