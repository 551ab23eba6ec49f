/**
 * Sends the queue, in order, once. Runs in a window or in the service worker, never in two places at a time: a lock of the
 * browser sees to that, and the Idempotency-Keys see to what a lock cannot (an answer that was lost on the way).
 */
import type { Label } from "@/api/model";
import { change, queued, settle, type Item, type QueuedFile, type Sent, type Told } from "./queue";
import { one } from "./store";

const BASE = "/api/v1";
const COMMAND_MS = 20_000;
const FILE_MS = 120_000;
const LONGEST_MS = 300_000;
export const KEPT_HEADER = "x-hutong-kept";

export type Outcome = "done" | "offline" | "signed-out" | "busy";

class Later extends Error {
  constructor(readonly after: number | null) {
    super("later");
  }
}
class SignedOut extends Error {}
class RefusedHere extends Error {
  constructor(readonly told: Told) {
    super("refused");
  }
}

async function call(path: string, init: RequestInit, within: number): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`${BASE}${path}`, { ...init, credentials: "same-origin", signal: AbortSignal.timeout(within) });
  } catch {
    throw new Later(null);
  }
  if (answer.headers.has(KEPT_HEADER)) throw new Later(null);
  if (answer.ok) return answer;
  if (answer.status === 401) throw new SignedOut();
  if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
    const after = Number(answer.headers.get("retry-after"));
    throw new Later(after > 0 ? after * 1000 : null);
  }
  throw new RefusedHere(await toldOf(answer));
}

async function toldOf(answer: Response): Promise<Told> {
  const body = (await answer.json().catch(() => ({}))) as Partial<Told> & { title?: string };
  return {
    status: answer.status, code: body.code ?? "", reason: body.reason ?? body.title ?? answer.statusText,
    remedy: body.remedy ?? "", facts: body.facts ?? {},
  };
}

/** What is sent along: who is signed in (the queue of another account waits for its owner) and the session's token. */
async function token(account: number): Promise<string> {
  const answer = await call("/session", {}, COMMAND_MS);
  const body = (await answer.json()) as { account: { id: number }; csrf: string };
  if (body.account.id !== account) throw new SignedOut();
  return body.csrf;
}

async function resolved(item: Item): Promise<number | null | "waits"> {
  if (!item.target) return null;
  if ("id" in item.target) return item.target.id;
  return (await one<Sent>("sent", item.target.report))?.answer.id ?? "waits";
}

function fileId(item: Item, file: QueuedFile): number | null {
  const wanted = file.sameAngleAs;
  if (!wanted) return null;
  if ("id" in wanted) return wanted.id;
  return item.files.find((other) => other.key === wanted.key)?.sent ?? null;
}

async function sendFile(item: Item, file: QueuedFile, of: number | null, csrf: string): Promise<void> {
  const form = new FormData();
  form.set("file", file.blob, file.name);
  if (of !== null) form.set("case", String(of));
  form.set("stage", file.stage);
  form.set("role", file.role);
  form.set("taken", file.taken);
  if (file.position) {
    form.set("lon", String(file.position[0]));
    form.set("lat", String(file.position[1]));
  }
  const angle = fileId(item, file);
  if (angle !== null) form.set("same_angle_as", String(angle));
  const headers = { "Idempotency-Key": file.key, "X-CSRF-Token": csrf };
  const answer = await call("/files", { method: "POST", body: form, headers }, FILE_MS);
  file.sent = ((await answer.json()) as { id: number }).id;
  await change(item);
}

async function send(item: Item, of: number | null, csrf: string): Promise<void> {
  for (const file of item.files) if (file.sent === null) await sendFile(item, file, of, csrf);
  const body = item.files.length ? { ...item.body, files: item.files.map((file) => file.sent) } : item.body;
  const headers = { "Content-Type": "application/json", "Idempotency-Key": item.id, "X-CSRF-Token": csrf };
  const path = item.path.replace("{case}", String(of));
  const answer = await call(path, { method: "POST", body: JSON.stringify(body), headers }, COMMAND_MS);
  const row = (await answer.json().catch(() => ({}))) as { id?: number; number?: string; filled?: { label: Label }[] };
  const filled = row.filled ? { filled: row.filled.map((one) => one.label) } : {};
  await settle(item, { id: row.id ?? null, number: row.number ?? "", ...filled });
}

/** What a later command waits for: nothing of one case or household overtakes. */
function thread(item: Item): string {
  if (item.target) return JSON.stringify(item.target);
  return item.path.startsWith("/households/") ? item.path : `report:${item.id}`;
}

async function postpone(item: Item, after: number | null): Promise<void> {
  const pause = Math.min(LONGEST_MS, 2_000 * 2 ** Math.min(item.tries, 8)) * (0.75 + Math.random() / 2);
  await change({ ...item, tries: item.tries + 1, nextTry: Date.now() + (after ?? pause) });
}

async function pass(account: number, force: boolean): Promise<Outcome> {
  const items = await queued(account);
  const waiting = items.filter((item) => item.state === "waiting");
  if (!waiting.length) return "done";
  const held = new Set(items.filter((item) => item.state === "refused").map(thread));
  const first = waiting[0] as Item;
  if (!force && first.nextTry > Date.now()) return "offline";
  let csrf: string;
  try {
    csrf = await token(account);
  } catch (error) {
    if (error instanceof SignedOut) return "signed-out";
    await postpone(first, null);
    return "offline";
  }
  for (const item of waiting) {
    if (held.has(thread(item))) continue;
    const outcome = await sendOne(item, csrf);
    if (outcome === "held") held.add(thread(item));
    else if (outcome !== "done") return outcome;
  }
  return "done";
}

async function sendOne(item: Item, csrf: string): Promise<Outcome | "held"> {
  const of = await resolved(item);
  if (of === "waits") return "held";
  try {
    await send(item, of, csrf);
    return "done";
  } catch (error) {
    if (error instanceof SignedOut) return "signed-out";
    if (error instanceof RefusedHere) {
      await change({ ...item, state: "refused", problem: error.told });
      return "held";
    }
    await postpone(item, error instanceof Later ? error.after : null);
    return "offline";
  }
}

/** `force`: now, whatever the pause between tries says (the network came back, or the person pressed). */
export async function flush(account: number, force = false): Promise<Outcome> {
  if (!navigator.locks) return pass(account, force);
  return navigator.locks.request("hutong-field-queue", { ifAvailable: true }, (lock) => (lock ? pass(account, force) : "busy"));
}
