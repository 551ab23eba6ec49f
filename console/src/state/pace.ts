/** Runs something when a source changes, but not more often than every `least` ms; the last change is never lost. */
import { onScopeDispose, watch, type WatchSource } from "vue";

export function usePace(source: WatchSource | WatchSource[], run: () => void, least: number): void {
  let timer = 0;
  let last = 0;
  watch(source, () => {
    if (timer) return;
    const wait = Math.max(0, last + least - performance.now());
    timer = window.setTimeout(() => {
      timer = 0;
      last = performance.now();
      run();
    }, wait);
  });
  onScopeDispose(() => clearTimeout(timer));
}
