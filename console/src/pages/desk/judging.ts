/** Judging warnings: which are chosen, the verdict, and what became of each. */
import { reactive, ref } from "vue";
import { warnings } from "@/api/calls";
import { mintKey, type Problem } from "@/api/http";
import { asProblem } from "@/state/load";

export type Verdict = "confirmed" | "false_alarm" | "joined";

export interface Outcome {
  done: number;
  failed: number;
  /** Why the first of them failed. */
  why: string;
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

  async function send(ids: number[], what: Verdict): Promise<Outcome> {
    const body = { verdict: what, reason: reason.value.trim(), ...(into.value ? { joined_to: into.value } : {}) };
    const [only, ...others] = ids;
    if (only !== undefined && !others.length) {
      await warnings.judge(only, body, key);
      return { done: 1, failed: 0, why: "" };
    }
    const { rows } = await warnings.judgeMany(ids, body, key);
    const failed = rows.filter((row) => !row.ok);
    return { done: rows.length - failed.length, failed: failed.length, why: failed[0]?.error ?? "" };
  }

  /** Sends the verdict on `ids`; null when it was not sent at all. */
  async function submit(ids: number[]): Promise<Outcome | null> {
    const what = verdict.value;
    if (!what || !ids.length || busy.value) return null;
    busy.value = true;
    problem.value = null;
    try {
      const outcome = await send(ids, what);
      verdict.value = null;
      chosen.clear();
      return outcome;
    } catch (error) {
      problem.value = asProblem(error);
      if (!problem.value.unreachable) key = mintKey();
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { chosen, verdict, reason, into, busy, problem, begin, submit };
}
