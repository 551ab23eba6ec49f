/** Labels, numbers and instants in the words of the language on screen. */
import type { Label } from "@/api/model";
import { place } from "@/state/city";
import { screen } from "@/state/screen";

/** English labels of states and actions are written small; on screen each begins what it is in. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function say(label: Label | string | null | undefined): string {
  if (!label) return "";
  if (typeof label === "string") return label;
  if (screen.language === "zh") return label.zh || label.en;
  return capital(label.en || label.zh);
}

/** Many places (unit grids) have a code and no name of their own. */
export function placeName(place: { code: string; name: Label } | null | undefined): string {
  return place ? say(place.name) || place.code : "";
}

/** A name that may come as text, as a label, or as something that has one. */
export function sayAny(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return number(value);
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value)) return value.map(sayAny).filter(Boolean).join(screen.language === "zh" ? "、" : ", ");
  const record = value as Record<string, unknown>;
  if ("zh" in record || "en" in record) return say(record as unknown as Label);
  return sayAny(record.label ?? record.name ?? record.number ?? "");
}

export function number(value: number | null | undefined, digits?: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  const most = digits ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
  return value.toLocaleString("en-US", { maximumFractionDigits: most });
}

/** UCUM codes as people write them. */
const UNITS: Record<string, string> = {
  "1": "", "mm/h": "mm/h", "m3/s": "m³/s", m3: "m³", m2: "m²", "m2/s": "m²/s", Cel: "°C", "L/s": "L/s", "{count}": "",
  "ug/m3": "µg/m³", deg: "°", "%": "%", "[ppm]": "ppm",
};

export function unit(code: string | Label | null | undefined): string {
  if (!code) return "";
  if (typeof code !== "string") return say(code);
  return UNITS[code] ?? code;
}

export function amount(value: number | null | undefined, code: string | null | undefined): string {
  const words = unit(code);
  return words ? `${number(value)} ${words}` : number(value);
}

type Style = "minute" | "second" | "clock" | "short" | "day";

const parts = new Map<string, Intl.DateTimeFormat>();

function partsIn(zone: string): Intl.DateTimeFormat {
  let format = parts.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit",
      minute: "2-digit", second: "2-digit",
    });
    parts.set(zone, format);
  }
  return format;
}

/** An instant in the city's zone: 2026-09-18 16:30; `short` leaves the year out. */
export function instant(value: string | number | null | undefined, style: Style = "minute"): string {
  if (value === null || value === undefined || value === "") return "—";
  const found = partsIn(place.city?.zone ?? "Asia/Shanghai").formatToParts(new Date(value));
  const part = Object.fromEntries(found.map(({ type, value: text }) => [type, text]));
  const clock = `${part.hour}:${part.minute}`;
  const day = `${part.month}-${part.day}`;
  if (style === "clock") return clock;
  if (style === "short") return `${day} ${clock}`;
  if (style === "day") return `${part.year}-${day}`;
  return `${part.year}-${day} ${clock}${style === "second" ? `:${part.second}` : ""}`;
}

export function bytes(size: number): string {
  return size >= 1e6 ? `${number(size / 1e6, 1)} MB` : `${number(size / 1e3, 0)} kB`;
}
