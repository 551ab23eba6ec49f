/** Something loaded from the API: value, error, whether it is on its way, and how to try again. */
import { onScopeDispose, shallowRef, type ShallowRef } from "vue";
import { Problem } from "@/api/http";

export interface Load<T> {
  value: ShallowRef<T | null>;
  error: ShallowRef<Problem | null>;
  loading: ShallowRef<boolean>;
  run: () => Promise<void>;
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(-1, "", String(error), "console", "", "", "", {});
}

/** The latest call wins; an earlier one still under way is aborted. A failed refresh keeps the value that was shown. */
export function useLoad<T>(fetcher: (signal: AbortSignal) => Promise<T>): Load<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<Problem | null>(null);
  const loading = shallowRef(false);
  let current: AbortController | null = null;

  async function run(): Promise<void> {
    current?.abort();
    const mine = (current = new AbortController());
    loading.value = true;
    try {
      const answer = await fetcher(mine.signal);
      if (mine.signal.aborted) return;
      value.value = answer;
      error.value = null;
    } catch (caught) {
      if (!mine.signal.aborted) error.value = asProblem(caught);
    } finally {
      if (current === mine) loading.value = false;
    }
  }

  onScopeDispose(() => current?.abort());
  return { value, error, loading, run };
}
