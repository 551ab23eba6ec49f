/** Instants as `datetime-local` fields hold them, in the city's zone. */
import { instant } from "./say";

export function toField(at: number): string {
  return instant(at, "minute").replace(" ", "T");
}

/** The instant that a field names; null where it names none. Twice corrected, so that a change of the zone's offset is met. */
export function fromField(text: string): number | null {
  const wanted = Date.parse(`${text}:00Z`);
  if (Number.isNaN(wanted)) return null;
  let at = wanted;
  for (let round = 0; round < 2; round++) at += wanted - Date.parse(`${toField(at)}:00Z`);
  return at;
}

const UNITS: [number, string][] = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** A span of seconds: 90 → 90 s, 7200 → 2 h. */
export function spanWords(seconds: number): string {
  const [size, word] = UNITS.find(([one]) => seconds % one === 0) ?? [1, "s"];
  return `${seconds / size} ${word}`;
}
