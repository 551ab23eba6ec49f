/** Triage of texts, hot topics, and the projects they lead to. */
import { request } from "./http";
import type { Case, CaseRow, Label, Position } from "./model";

export interface ClassChoice { kind: string; code: string; label: Label; confidence: number; level: Label }
export interface Said { name: string; label: Label; confidence: number; words: string[] }
export interface NamedPlace { words: string; name: string; kind: "crossing" | "thing" | "road" | "area"; position: Position; confidence: number }
export interface Suggestion {
  model: string;
  category: ClassChoice | null;
  choices: ClassChoice[];
  words: { text: string; weight: number }[];
  unit: { id: number; label: Label; basis: string } | null;
  places: NamedPlace[];
  urgency: Said;
  demand: Said | null;
  alike: { case: CaseRow; likeness: number }[];
  automatic: { allowed: boolean; reason: Label };
}
/** What was suggested, as a new case keeps it. */
export interface Suggested { category: string; confidence: number; model: string }

export interface MayDispatch { allowed: boolean; reason: Label }
/** What suggestions rest on, and what they are worth on cases that were not learnt from. */
export interface ModelPage {
  model: string;
  learns: boolean;
  reason: Label;
  classes: number;
  words: number;
  learnt_from: number;
  until: string | null;
  measured_on: number;
  right: number;
  coverage: number;
  right_covered: number;
  abstain_below: number;
  least_cases: number;
  precision: { kind: string; code: string; label: Label; n: number; right: number; share: number; low: number; high: number; automatic: MayDispatch }[];
  acceptance: { suggested: number; accepted: number };
  enabled: { kind: string; code: string; label: Label; wanted: number; threshold: number | null; automatic: MayDispatch }[];
}

export const triage = {
  model: (signal?: AbortSignal) => request<ModelPage>("/triage/model", { signal }),
  ask: (question: { text: string; position: Position | null; kinds: string[]; urgency: string }, signal?: AbortSignal) =>
    request<Suggestion>("/triage", { method: "POST", json: question, signal }),
};

export interface Heat { value: number; count: number; week: number; usual: number; growth: number; repeats: number; cells: number }
export interface TopicRow {
  id: number;
  title: Label;
  kind: string;
  code: string;
  label: Label;
  where: Label;
  words: string[];
  heat: Heat;
  n: number;
  first: string;
  last: string;
  position: Position | null;
  points: Position[];
  /** Complaints of each of the last 30 days. */
  daily: number[];
}
export interface TopicPage extends TopicRow { cases: CaseRow[]; projects: number[] }
export interface Effect {
  before: number;
  weeks_before: number;
  after: number;
  weeks_after: number;
  ratio: number | null;
  low: number | null;
  high: number | null;
  weeks: [string, number][];
}
export interface Project { case: CaseRow; topic: number | null; goal: number | null; effect: Effect }

export const topics = {
  list: (signal?: AbortSignal) => request<{ rows: TopicRow[]; days: string[]; can_project: boolean }>("/topics", { signal }),
  get: (id: number, signal?: AbortSignal) => request<TopicPage>(`/topics/${id}`, { signal }),
  projects: (signal?: AbortSignal) => request<{ rows: Project[] }>("/topics/projects", { signal }),
  open: (id: number, note: string, key: string) => request<Case>(`/topics/${id}/project`, { method: "POST", json: { note }, key }),
};
