/** A problem in one sentence of the language on screen. */
import type { Problem } from "@/api/http";
import { screen } from "@/state/screen";
import { i18n } from "@/words";
import { sayAny } from "./say";

/** The server's general refusal of a post, written for its log: neither language of the screen. */
export function plainRefusal(problem: Problem): boolean {
  return problem.status === 403 && problem.code === "forbidden" && typeof problem.reason === "string" && typeof problem.facts.zh !== "string";
}

export function problemWords(problem: Problem): string {
  const t = i18n.global.t;
  if (problem.unreachable) return t("problem.unreachable");
  const zh = problem.facts.zh;
  if (screen.language === "zh" && typeof zh === "string" && zh) return zh;
  if (plainRefusal(problem)) return t("problem.forbidden");
  if (sayAny(problem.reason)) return sayAny(problem.reason);
  if (problem.status === 403) return t("problem.forbidden");
  if (problem.status >= 500) return t("problem.server");
  return problem.detail || problem.title || t("problem.title");
}
