/** Short messages at the foot of the screen, some with one thing to do (undo). */
import { reactive } from "vue";

export interface Notice {
  id: number;
  text: string;
  bad: boolean;
  act?: { label: string; run: () => void };
}

export const notices = reactive<Notice[]>([]);
let next = 1;

export function dismiss(id: number): void {
  const index = notices.findIndex((notice) => notice.id === id);
  if (index >= 0) notices.splice(index, 1);
}

export function notify(text: string, options: { bad?: boolean; act?: Notice["act"] } = {}): void {
  const id = next++;
  notices.push({ id, text, bad: options.bad ?? false, act: options.act });
  window.setTimeout(() => dismiss(id), options.act || options.bad ? 12_000 : 6_000);
}
