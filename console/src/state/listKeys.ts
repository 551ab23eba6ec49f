/** A list run by keyboard: J/K or arrows move, Enter opens, other keys as given. Keys typed into fields are left alone. */
import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";

export function useListKeys(length: () => number, keys: Record<string, (at: number) => void>): Ref<number> {
  const at = ref(0);

  function move(step: number): void {
    at.value = Math.max(0, Math.min(length() - 1, at.value + step));
    requestAnimationFrame(() => document.querySelector("[data-at='true']")?.scrollIntoView({ block: "nearest" }));
  }
  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (keys[key] && !(key === "Enter" && target.closest("a, button, summary"))) {
      event.preventDefault();
      keys[key](at.value);
    }
  }
  onMounted(() => window.addEventListener("keydown", pressed));
  onBeforeUnmount(() => window.removeEventListener("keydown", pressed));
  return at;
}
