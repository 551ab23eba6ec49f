/** Where the person is, with the accuracy the device claims; followed while the field page is open. */
import { reactive } from "vue";
import type { Position } from "@/api/model";

const FRESH_MS = 120_000;

export interface Fix {
  position: Position;
  /** Metres. */
  accuracy: number;
  at: number;
}

export const here = reactive<{ fix: Fix | null; problem: "" | "denied" | "unavailable" }>({ fix: null, problem: "" });
let watching: number | null = null;

export function follow(): void {
  if (watching !== null) return;
  if (!("geolocation" in navigator)) {
    here.problem = "unavailable";
    return;
  }
  watching = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      here.fix = { position: [coords.longitude, coords.latitude], accuracy: coords.accuracy, at: timestamp };
      here.problem = "";
    },
    (error) => (here.problem = error.code === error.PERMISSION_DENIED ? "denied" : "unavailable"),
    { enableHighAccuracy: true, maximumAge: 15_000, timeout: 30_000 },
  );
}

export function unfollow(): void {
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  watching = null;
}

/** Where the device is at this moment; null if that is not known, or no longer true. */
export function fixNow(): Fix | null {
  return here.fix && Date.now() - here.fix.at < FRESH_MS ? { ...here.fix } : null;
}

/** What a command tells of the moment its button was pressed. */
export function onDevice(at: number): Record<string, unknown> {
  const fix = fixNow();
  return { done_at: new Date(at).toISOString(), ...(fix ? { position: fix.position, accuracy: Math.round(fix.accuracy) } : {}) };
}
