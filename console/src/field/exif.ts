/** When and where a camera says that a JPEG was taken: the few tags of Exif 2.3 that are needed, nothing else. */
import type { Position } from "@/api/model";

export interface CameraNotes {
  /** Device time (ms). */
  taken: number | null;
  position: Position | null;
}

const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const TAKEN = 0x9003;
const SIZES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

/** The TIFF block of the first APP1 segment; null where there is none. */
function tiffOf(view: DataView): DataView | null {
  if (view.byteLength < 12 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const length = view.getUint16(at + 2);
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) {
      return new DataView(view.buffer, view.byteOffset + at + 10, Math.min(length - 8, view.byteLength - at - 10));
    }
    at += 2 + length;
  }
  return null;
}

type Entry = { kind: number; count: number; at: number };

class Tiff {
  private readonly little: boolean;
  constructor(private readonly view: DataView) {
    this.little = view.getUint16(0) === 0x4949;
  }
  entries(at: number): Map<number, Entry> {
    const found = new Map<number, Entry>();
    const count = this.view.getUint16(at, this.little);
    for (let row = 0; row < count; row++) {
      const start = at + 2 + row * 12;
      const kind = this.view.getUint16(start + 2, this.little);
      const n = this.view.getUint32(start + 4, this.little);
      const inside = (SIZES[kind] ?? 1) * n <= 4;
      found.set(this.view.getUint16(start, this.little), { kind, count: n, at: inside ? start + 8 : this.view.getUint32(start + 8, this.little) });
    }
    return found;
  }
  first(): Map<number, Entry> {
    return this.entries(this.view.getUint32(4, this.little));
  }
  number(entry: Entry | undefined): number | null {
    return entry ? this.view.getUint32(entry.at, this.little) : null;
  }
  text(entry: Entry | undefined): string {
    if (!entry) return "";
    const bytes = Array.from({ length: entry.count }, (_, index) => this.view.getUint8(entry.at + index));
    return String.fromCharCode(...bytes).replace(/\0.*$/, "").trim();
  }
  degrees(entry: Entry | undefined, side: string): number | null {
    if (!entry || entry.count < 3) return null;
    const [degrees = 0, minutes = 0, seconds = 0] = [0, 1, 2].map((index) => {
      const at = entry.at + index * 8;
      return this.view.getUint32(at, this.little) / this.view.getUint32(at + 4, this.little);
    });
    const value = degrees + minutes / 60 + seconds / 3600;
    return Number.isFinite(value) ? (side === "S" || side === "W" ? -value : value) : null;
  }
}

function time(text: string): number | null {
  const found = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (!found) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}

/** Never throws: a picture without notes, or with broken ones, says nothing. */
export async function cameraNotes(file: Blob): Promise<CameraNotes> {
  try {
    const block = tiffOf(new DataView(await file.slice(0, 131_072).arrayBuffer()));
    if (!block) return { taken: null, position: null };
    const tiff = new Tiff(block);
    const first = tiff.first();
    const details = tiff.number(first.get(EXIF_IFD));
    const places = tiff.number(first.get(GPS_IFD));
    const taken = details === null ? null : time(tiff.text(tiff.entries(details).get(TAKEN)));
    if (places === null) return { taken, position: null };
    const gps = tiff.entries(places);
    const lat = tiff.degrees(gps.get(2), tiff.text(gps.get(1)));
    const lon = tiff.degrees(gps.get(4), tiff.text(gps.get(3)));
    return { taken, position: lat === null || lon === null || (lat === 0 && lon === 0) ? null : [lon, lat] };
  } catch {
    return { taken: null, position: null };
  }
}
