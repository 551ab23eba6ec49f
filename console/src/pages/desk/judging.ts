/** Judging warnings: which are chosen, the verdict, and what became of each. */
import { reactive, ref } from "vue";
import { warnings } from "@/api/calls";
import { mintKey, type Problem } from "@/api/http";
import { asProblem } from "@/state/load";

export type Verdict = "confirmed" | "false_alarm" | "joined";

export interface Outcome {
  done: number;
  failed: number;
}

export function useJudging() {
  const chosen = reactive(new Set<number>());
  const verdict = ref<Verdict | null>(null);
  const reason = ref("");
  const into = ref<number | null>(null);
  const busy = ref(false);
  const problem = ref<Problem | null>(null);
  let key = mintKey();

  function begin(what: Verdict): void {
    verdict.value = what;
    reason.value = "";
    into.value = null;
    problem.value = null;
    key = mintKey();
  }

  async function each(ids: number[], what: Verdict): Promise<Outcome> {
    const outcome: Outcome = { done: 0, failed: 0 };
    for (const id of ids) {
      const body = { verdict: what, reason: reason.value.trim(), ...(into.value ? { joined_to: into.value } : {}) };
      try {
        await warnings.judge(id, body, `${key}-${id}`);
        outcome.done += 1;
      } catch (error) {
        problem.value = asProblem(error);
        outcome.failed += 1;
      }
    }
    return outcome;
  }

  async function together(ids: number[], what: Verdict): Promise<Outcome> {
    try {
      const answer = await warnings.judgeMany(ids, what, reason.value.trim(), key);
      const rows = answer.rows ?? answer.outcomes ?? [];
      const failed = rows.filter((row) => row.ok === false || row.error).length;
      return { done: ids.length - failed, failed };
    } catch (error) {
      problem.value = asProblem(error);
      return { done: 0, failed: ids.length };
    }
  }

  /** Sends the verdict on `ids`; null when it was not sent at all. */
  async function submit(ids: number[]): Promise<Outcome | null> {
    const what = verdict.value;
    if (!what || !ids.length || busy.value) return null;
    busy.value = true;
    problem.value = null;
    try {
      const single = ids.length === 1 || what === "joined";
      const outcome = single ? await each(ids, what) : await together(ids, what);
      if (!outcome.failed) {
        verdict.value = null;
        chosen.clear();
      }
      return outcome;
    } finally {
      busy.value = false;
    }
  }

  return { chosen, verdict, reason, into, busy, problem, begin, submit };
}
