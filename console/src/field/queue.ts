/** The queue: every command that a person gave, with its files, under a key minted when the button was pressed. */
import type { FileStage, Label, Position } from "@/api/model";
import { all, one, put, remove } from "./store";

/** A case by its id, or by the queued report that will open it. */
export type CaseRef = { id: number } | { report: string };
/** A photo by its id, or by the key of one that waits here. */
export type FileRef = { id: number } | { key: string };

export interface QueuedFile {
  /** Its Idempotency-Key: sent again after a broken network, it is kept once. */
  key: string;
  blob: Blob;
  name: string;
  stage: FileStage;
  role: string;
  /** City time it was taken, as this device knew it. */
  taken: string;
  position: Position | null;
  sameAngleAs: FileRef | null;
  /** Its id once the server has it. */
  sent: number | null;
}

export interface Told {
  status: number;
  code: string;
  reason: Label | string;
  remedy: Label | string;
  facts: Record<string, unknown>;
}

export interface Item {
  /** Idempotency-Key of the command, and its name on this device. */
  id: string;
  account: number;
  /** Grows: commands are sent in the order they were given. */
  order: number;
  title: Label;
  detail: string;
  /** The device's clock when the button was pressed. */
  created: number;
  /** Path of the command under the API's base; `{case}` stands for the case. */
  path: string;
  target: CaseRef | null;
  body: Record<string, unknown>;
  files: QueuedFile[];
  state: "waiting" | "refused";
  tries: number;
  nextTry: number;
  problem: Told | null;
}

export interface Sent {
  id: string;
  account: number;
  order: number;
  title: Label;
  detail: string;
  created: number;
  at: number;
  path: string;
  /** Id and number of the case, where the answer has them. */
  answer: { id: number | null; number: string; filled?: Label[] };
  /** Key of each photo → the id it got. */
  files: Record<string, number>;
}

export const CHANGED = "hutong-field-changed";

/** Tells every window and the worker that the queue is another. */
export function tell(): void {
  const channel = new BroadcastChannel(CHANGED);
  channel.postMessage(null);
  channel.close();
}

export async function queued(account: number): Promise<Item[]> {
  const rows = await all<Item>("queue");
  return rows.filter((row) => row.account === account).sort((a, b) => a.order - b.order);
}

export async function sentBefore(account: number): Promise<Sent[]> {
  const rows = await all<Sent>("sent");
  return rows.filter((row) => row.account === account).sort((a, b) => b.at - a.at);
}

/** IndexedDB keeps plain values, never the page's reactive ones; photos stay what they are. */
function plain(item: Item): Item {
  const bare = (value: unknown) => JSON.parse(JSON.stringify(value)) as never;
  const files = item.files.map((file) => ({ ...(bare({ ...file, blob: null }) as QueuedFile), blob: file.blob }));
  return { ...(bare({ ...item, files: [] }) as Item), files };
}

/** Kept on the disk when this resolves; a second press of the same intent has the same id and changes nothing. */
export async function enqueue(item: Omit<Item, "order" | "state" | "tries" | "nextTry" | "problem">): Promise<void> {
  if ((await one<Item>("queue", item.id)) || (await one<Sent>("sent", item.id))) return;
  const order = Date.now() + performance.now() / 1e6;
  await put("queue", plain({ ...item, order, state: "waiting", tries: 0, nextTry: 0, problem: null }));
  tell();
}

export async function change(item: Item): Promise<void> {
  await put("queue", plain(item));
  tell();
}

export async function drop(id: string): Promise<void> {
  await remove("queue", id);
  tell();
}

const SENT_KEPT = 60;

/** From the queue to what was sent; photos are not kept longer than needed. */
export async function settle(item: Item, answer: Sent["answer"]): Promise<void> {
  const files = Object.fromEntries(item.files.flatMap((file) => (file.sent === null ? [] : [[file.key, file.sent]])));
  const { id, account, order, title, detail, created, path } = item;
  const row: Sent = { id, account, order, title, detail, created, path, at: Date.now(), answer, files };
  await put("sent", row);
  await remove("queue", id);
  const old = (await sentBefore(account)).slice(SENT_KEPT);
  for (const row of old) await remove("sent", row.id);
  tell();
}
