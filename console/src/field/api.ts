/** What the phone asks of the API, and the shapes of the answers. */
import { request } from "@/api/http";
import type { Case, CaseFile, CaseRow, Offer } from "@/api/model";

export const ASK_MS = 12_000;

export interface FieldOffer extends Offer {
  to: string;
}
export interface FieldTask {
  case: CaseRow;
  text: string;
  distance: number | null;
  offers: FieldOffer[];
  files: CaseFile[];
  household?: number | null;
}
export interface FieldAnswer {
  city_time: string;
  tasks: FieldTask[];
  more: boolean;
  opens: string[];
  shortcuts: string[];
  source: string;
  visits: boolean;
}

export function askField(lon: number | null, lat: number | null): Promise<FieldAnswer> {
  return request<FieldAnswer>("/field", { query: { lon, lat }, signal: AbortSignal.timeout(ASK_MS) });
}

/** A case as a task: what is the asker's to do on it. */
export async function askTask(id: number): Promise<FieldTask> {
  const row = await request<Case>(`/cases/${id}`, { signal: AbortSignal.timeout(ASK_MS) });
  return { case: row, text: row.text, distance: null, offers: (row.offers as FieldOffer[]).filter((one) => one.mine), files: row.files };
}
