/** City time as this device last knew it, carried on by its own clock: photos taken offline are dated by it. */
import { city } from "@/api/calls";

const KEY = "hutong.field.clock";

interface Known {
  city: number;
  rate: number;
  device: number;
}

export async function learnClock(): Promise<void> {
  const told = await city.clock();
  const known: Known = { city: Date.parse(told.city_time), rate: told.running ? told.rate : 0, device: Date.now() };
  try {
    localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // Without storage the device's own time serves.
  }
}

export function cityTimeAt(device: number): string {
  let at = device;
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "null") as Known | null;
    if (known) at = known.city + (device - known.device) * known.rate;
  } catch {
    // Unreadable: the device's own time serves.
  }
  return new Date(at).toISOString();
}
