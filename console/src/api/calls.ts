/** One function per resource of the native API that the console uses. */
import { address, request } from "./http";
import type { Suggested } from "./topics";
import type {
  Case, CaseCounts, CaseFile, CaseRow, City, CityClock, Explanation, FileStage, Health, JudgeOutcome, Kpi, LiveColumns,
  Observations, OrganisationRef, Page, Position, RecordEvent, Rollups, SearchAnswer, Series, Session, StreamDetail, StreamPage,
  Thing, ThingRow, Warning, WarningRow,
} from "./model";

type Query = Record<string, string | number | boolean | null | undefined>;

export const session = {
  get: () => request<Session>("/session"),
  open: (login: string, password: string) =>
    request<Session>("/session", { method: "POST", json: { login, password } }),
  close: () => request<void>("/session", { method: "DELETE" }),
  language: (language: string) => request<unknown>("/session", { method: "PATCH", json: { language } }),
};

export const city = {
  get: () => request<City>("/city"),
  health: () => request<Health>("/health"),
  clock: () => request<CityClock>("/clock"),
  setClock: (change: { rate?: number; running?: boolean }) =>
    request<CityClock>("/clock", { method: "PUT", json: change }),
  kpis: () => request<{ rows: Kpi[] }>("/kpis"),
  series: (name: string, hours?: number) => request<Series>(`/series/${name}`, { query: { hours } }),
  organisations: () => request<Page<OrganisationRef>>("/organisations"),
  search: (q: string, signal?: AbortSignal) => request<SearchAnswer>("/search", { query: { q }, signal }),
  recent: (limit: number) => request<{ rows: RecordEvent[] }>("/events/recent", { query: { limit } }),
};

export const things = {
  live: (layer: string, query: Query, signal?: AbortSignal) =>
    request<LiveColumns>(`/layers/${layer}/live`, { query, signal }),
  get: (id: number, signal?: AbortSignal) => request<Thing>(`/things/${id}`, { signal }),
  list: (query: Query, signal?: AbortSignal) => request<Page<ThingRow>>("/things", { query, signal }),
  observations: (stream: number, query: Query, signal?: AbortSignal) =>
    request<Observations>(`/streams/${stream}/observations`, { query, signal }),
  rollups: (stream: number, query: Query, signal?: AbortSignal) =>
    request<Rollups>(`/streams/${stream}/rollups`, { query, signal }),
  stream: (id: number, signal?: AbortSignal) => request<StreamDetail>(`/streams/${id}`, { signal }),
  streams: (query: Query, signal?: AbortSignal) => request<StreamPage>("/streams", { query, signal }),
  exportAddress: (format: "csv" | "parquet", query: Query) => address(`/streams/export.${format}`, query),
};

export const warnings = {
  list: (query: Query, signal?: AbortSignal) => request<Page<WarningRow>>("/warnings", { query, signal }),
  get: (id: number) => request<Warning>(`/warnings/${id}`),
  judge: (id: number, body: { verdict: string; reason: string; joined_to?: number }, key: string) =>
    request<{ warning: Warning; case: CaseRow | null }>(`/warnings/${id}/judge`, {
      method: "POST", json: body, key,
    }),
  judgeMany: (ids: number[], body: { verdict: string; reason: string; joined_to?: number }, key: string) =>
    request<{ rows: JudgeOutcome[] }>("/warnings/judge", { method: "POST", json: { ids, ...body }, key }),
};

export interface Upload {
  file: File;
  case: number;
  stage: FileStage;
  role: string;
  position: Position | null;
  same_angle_as?: number;
}

export interface NewCase {
  category: { kind: string; code: string };
  source: string;
  text: string;
  position: Position | null;
  position_text: string;
  contact: { name: string; phone: string; confidential: boolean } | null;
  suggested?: Suggested | null;
  urgent?: boolean;
}

export const cases = {
  open: (body: NewCase, key: string) => request<Case>("/cases", { method: "POST", json: body, key }),
  list: (query: Query, signal?: AbortSignal) => request<Page<CaseRow>>("/cases", { query, signal }),
  counts: (query: { mine_of?: string } = {}) => request<CaseCounts>("/cases/counts", { query }),
  exportAddress: (query: Query) => address("/cases/export.csv", query),
  get: (id: number, signal?: AbortSignal) => request<Case>(`/cases/${id}`, { signal }),
  act: (row: { id: number; version: number }, action: string, answers: Record<string, unknown>, files: number[], key: string) =>
    request<Case>(`/cases/${row.id}/actions/${action}`, {
      method: "POST", json: { answers, files }, key, version: row.version,
    }),
  take: (id: number, key: string) => request<Case>(`/cases/${id}/take`, { method: "POST", json: {}, key }),
  undo: (id: number, key: string) => request<Case>(`/cases/${id}/undo`, { method: "POST", json: {}, key }),
  explanation: (id: number) => request<Explanation>(`/cases/${id}/explanation`),
  upload: (upload: Upload, key: string) => {
    const form = new FormData();
    form.set("file", upload.file);
    form.set("case", String(upload.case));
    form.set("stage", upload.stage);
    form.set("role", upload.role);
    form.set("taken", new Date(upload.file.lastModified).toISOString());
    if (upload.position) {
      form.set("lon", String(upload.position[0]));
      form.set("lat", String(upload.position[1]));
    }
    if (upload.same_angle_as !== undefined) form.set("same_angle_as", String(upload.same_angle_as));
    return request<CaseFile>("/files", { method: "POST", form, key });
  },
};
