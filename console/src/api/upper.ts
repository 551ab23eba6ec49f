/** The exchange with upper platforms. */
import { request } from "./http";
import type { Label, Page } from "./model";

export interface UpperPlatform {
  name: string; label: Label; url: string; asked: string | null; taken: number; refused: number; trouble: string; reports: Record<string, number>;
}
export interface UpperReport {
  id: number; platform: string; number: string; case: number | null; case_number: string; event: string; at: string; state: string; attempts: number;
  sent: string | null; error: string; facts: Record<string, unknown>;
}
type Query = Record<string, string | number | undefined | null>;

export const upper = {
  platforms: (signal?: AbortSignal) => request<{ rows: UpperPlatform[] }>("/upper", { signal }),
  reports: (query: Query, signal?: AbortSignal) => request<Page<UpperReport>>("/upper/reports", { query, signal }),
  retry: (id: number, key: string) => request<UpperReport>(`/upper/reports/${id}/retry`, { method: "POST", key }),
};
