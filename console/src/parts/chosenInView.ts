/** `v-chosen-in-view` on a row of choices that scrolls sideways: the chosen one is never outside of it. */
import type { Directive } from "vue";

const shown = new WeakMap<HTMLElement, Element>();

function show(row: HTMLElement): void {
  const chosen = row.querySelector("[aria-current='page'], [aria-pressed='true']");
  if (!chosen || shown.get(row) === chosen) return;
  shown.set(row, chosen);
  if (row.scrollWidth <= row.clientWidth) return;
  const [outer, inner] = [row.getBoundingClientRect(), chosen.getBoundingClientRect()];
  row.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}

export const vChosenInView: Directive<HTMLElement> = { mounted: show, updated: show };
