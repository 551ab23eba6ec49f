/** Reports without an account. */
import { address, request } from "./http";
import type { Label, Position } from "./model";

export interface Matter {
  service: string;
  label: Label;
  group: Label;
  shortcut: number | null;
}
export interface NearReport {
  number: string;
  service: string;
  label: Label;
  state: Label;
  opened: string | null;
  metres: number;
  neighbours: number;
}
export interface Near {
  inside: boolean;
  place: Label | null;
  rows: NearReport[];
}
export interface Taken {
  number: string;
  code: string;
  url: string;
}
export interface Progress {
  number: string;
  service: string;
  label: Label;
  place: Label;
  words: Label;
  ended: boolean;
  steps: { name: string; label: Label; at: string | null; now: boolean }[];
  neighbours: number;
  own: boolean;
  photos: { id: number; when: string; taken: string | null }[];
  reasons: { label: Label; text: string }[];
  asked: boolean;
  rating: { solved: boolean; satisfaction: number | null } | null;
}
export interface NewReport {
  service: string;
  position: Position | null;
  position_text: string;
  text: string;
  phone: string;
  website: string;
  /** Texts about the report are in it. */
  language: string;
  photos: File[];
}

const DEVICE = "hutong.device";

/** Random characters that this device made once: a neighbour is counted once, and nobody learns who it is. */
function device(): string {
  try {
    const known = localStorage.getItem(DEVICE);
    if (known) return known;
  } catch {
    // Storage may be switched off; then every visit is another device.
  }
  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    localStorage.setItem(DEVICE, made);
  } catch {
    // The same.
  }
  return made;
}

function formOf(report: NewReport): FormData {
  const form = new FormData();
  for (const name of ["service", "position_text", "text", "phone", "website", "language"] as const) form.set(name, report[name]);
  if (report.position) {
    form.set("lon", String(report.position[0]));
    form.set("lat", String(report.position[1]));
  }
  for (const photo of report.photos) form.append("photos", photo);
  return form;
}

export const publicReports = {
  matters: () => request<{ open: boolean; sms: boolean; rows: Matter[] }>("/public/matters"),
  near: (at: Position, service?: string) =>
    request<Near>("/public/nearby", { query: { lon: at[0], lat: at[1], service } }),
  send: (report: NewReport, key: string) =>
    request<Taken>("/public/reports", { method: "POST", form: formOf(report), key }),
  support: (number: string) =>
    request<{ number: string; neighbours: number; fresh: boolean }>(`/public/reports/${number}/support`, {
      method: "POST", json: { device: device() },
    }),
  get: (number: string, code: string) =>
    request<Progress>(`/public/reports/${encodeURIComponent(number)}`, { query: { code } }),
  rate: (number: string, body: { code: string; solved: boolean; satisfaction: number | null; text: string }, key: string) =>
    request<Progress>(`/public/reports/${number}/rating`, { method: "POST", json: body, key }),
  photo: (number: string, id: number, code: string, w: 320 | 1280) =>
    address(`/public/reports/${number}/photos/${id}`, { code, w }),
};
