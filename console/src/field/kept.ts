/** What was last seen online, kept for the time without a network, with the moment it was seen. Gone after signing out. */
import { all, clear, one, put } from "./store";

interface Kept<T> {
  id: string;
  value: T;
  at: number;
}

export const LAST_HOURS = 24;

export async function keep<T>(id: string, value: T): Promise<void> {
  try {
    await put("kept", { id, value: JSON.parse(JSON.stringify(value)) as T, at: Date.now() } as Kept<T>);
  } catch {
    // No room: the page works as long as the network does.
  }
}

/** Null if it was never seen, or too long ago to go by. */
export async function keptOf<T>(id: string): Promise<Kept<T> | null> {
  try {
    const found = await one<Kept<T>>("kept", id);
    return found && Date.now() - found.at < LAST_HOURS * 3_600_000 ? found : null;
  } catch {
    return null;
  }
}

export async function keptUnder<T>(prefix: string): Promise<Kept<T>[]> {
  const rows = await all<Kept<T>>("kept").catch(() => []);
  return rows.filter((row) => row.id.startsWith(prefix) && Date.now() - row.at < LAST_HOURS * 3_600_000);
}

/** Also the worker's copies of photos and of the session. */
export async function forget(): Promise<void> {
  await clear("kept").catch(() => undefined);
  navigator.serviceWorker?.controller?.postMessage("forget");
}
