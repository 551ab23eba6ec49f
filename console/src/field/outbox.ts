/** The queue as the page shows it, and when it is sent: on every press, when the network is back, and now and then. */
import "@/pages/field/words";
import { computed, markRaw, reactive } from "vue";
import { mintKey } from "@/api/http";
import type { Label } from "@/api/model";
import { i18n } from "@/words";
import { onSigningOut, session } from "@/state/session";
import { forget } from "./kept";
import { change, CHANGED, drop, enqueue, queued, sentBefore, type CaseRef, type Item, type QueuedFile, type Sent } from "./queue";
import { flush, type Outcome } from "./sender";

const EVERY_MS = 15_000;

export const outbox = reactive<{ items: Item[]; sent: Sent[]; sending: boolean; outcome: Outcome; online: boolean }>({
  items: [], sent: [], sending: false, outcome: "done", online: navigator.onLine,
});
export const unsent = computed(() => outbox.items.length);

const me = () => session.account?.id ?? 0;

async function look(): Promise<void> {
  const account = me();
  if (!account) return;
  const [items, sent] = await Promise.all([queued(account), sentBefore(account)]);
  outbox.items = items.map(markRaw);
  outbox.sent = sent.map(markRaw);
}

export interface Command {
  title: Label;
  detail: string;
  path: string;
  target?: CaseRef | null;
  body: Record<string, unknown>;
  files?: QueuedFile[];
  /** Given where a second press must be the same intent. */
  id?: string;
  at: number;
}

/** Keeps the command on this device, then tries to send it. Resolves once it is kept. */
export async function give(command: Command): Promise<string> {
  const id = command.id ?? mintKey();
  await enqueue({
    id, account: me(), title: command.title, detail: command.detail, created: command.at, path: command.path,
    target: command.target ?? null, body: command.body, files: command.files ?? [],
  });
  await look();
  void askForSync();
  void sendNow(true);
  return id;
}

export async function sendNow(force: boolean): Promise<void> {
  const account = me();
  if (!account || outbox.sending) return;
  outbox.sending = true;
  try {
    outbox.outcome = await flush(account, force);
  } finally {
    outbox.sending = false;
    await look();
  }
}

export async function tryAgain(item: Item): Promise<void> {
  // A refusal was an answer: the next try is another intent, and needs a key of its own.
  const fresh: Item = { ...item, id: mintKey(), state: "waiting", tries: 0, nextTry: 0, problem: null };
  await change(fresh);
  await drop(item.id);
  await look();
  await sendNow(true);
}

export async function giveUp(item: Item): Promise<void> {
  await drop(item.id);
  await look();
}

/** Where the browser offers it, the worker sends when the network is back, although the page was closed. */
async function askForSync(): Promise<void> {
  try {
    const ready = (await navigator.serviceWorker?.ready) as (ServiceWorkerRegistration & { sync?: { register: (tag: string) => Promise<void> } }) | undefined;
    await ready?.sync?.register("hutong-field");
  } catch {
    // Not offered here: the queue is sent when the page is opened again.
  }
}

let ticking = 0;
const channel = new BroadcastChannel(CHANGED);

export function startOutbox(): void {
  if (ticking) return;
  channel.onmessage = () => void look();
  ticking = window.setInterval(() => void sendNow(false), EVERY_MS);
  void look().then(() => sendNow(true));
}

export function stopOutbox(): void {
  clearInterval(ticking);
  ticking = 0;
}

window.addEventListener("online", () => {
  outbox.online = true;
  if (ticking) void sendNow(true);
});
window.addEventListener("offline", () => (outbox.online = false));
document.addEventListener("visibilitychange", () => {
  if (ticking && document.visibilityState === "visible") void sendNow(true);
});

onSigningOut(async () => {
  await look();
  if (unsent.value && !window.confirm(i18n.global.t("field.leaveUnsent", { n: unsent.value }))) return false;
  await forget();
  return true;
});
