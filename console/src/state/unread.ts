/** How many messages are unread: asked at times, since a message is no emergency. */
import { reactive } from "vue";
import { messages, type Unread } from "@/api/outside";

const EVERY_MS = 60_000;
export const unread = reactive<Unread>({ n: 0, more: false });
let timer = 0;

export function setUnread(found: Unread): void {
  Object.assign(unread, found);
}

async function ask(): Promise<void> {
  try {
    setUnread(await messages.unread());
  } catch {
    // The number stays as it was; the next question may be answered.
  }
}

export function startUnread(): void {
  stopUnread();
  void ask();
  timer = window.setInterval(() => void ask(), EVERY_MS);
}
export function stopUnread(): void {
  clearInterval(timer);
}
