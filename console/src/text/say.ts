/** Labels, numbers and instants in the words of the language on screen. */
import type { Label } from "@/api/model";
import { place } from "@/state/city";
import { screen } from "@/state/screen";

export function say(label: Label | string | null | undefined): string {
  if (!label) return "";
  if (typeof label === "string") return label;
  return label[screen.language] || label.zh || label.en;
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

const STYLES: Record<Style, Intl.DateTimeFormatOptions> = {
  minute: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  second: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit" },
  short: { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  day: { year: "numeric", month: "2-digit", day: "2-digit" },
};
const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant in the city's zone: 2026-09-18 16:30. */
export function instant(value: string | number | null | undefined, style: Style = "minute"): string {
  if (value === null || value === undefined || value === "") return "—";
  const zone = place.city?.zone ?? "Asia/Shanghai";
  const key = `${zone} ${style}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", { ...STYLES[style], timeZone: zone, hourCycle: "h23" });
    formats.set(key, format);
  }
  return format.format(new Date(value));
}

export function bytes(size: number): string {
  return size >= 1e6 ? `${number(size / 1e6, 1)} MB` : `${number(size / 1e3, 0)} kB`;
}
