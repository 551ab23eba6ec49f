/** What the three columns of the call desk share: the call, the draft, and what is done with it. */
import { reactive, ref, shallowRef, watch } from "vue";
import type { Position } from "@/api/model";
import type { Desk, Rung, TriageAnswer } from "@/api/seat";
import { onSigningOut, session } from "@/state/session";

export interface Draft {
  number: string; name: string; demand: string; code: string; text: string; where: string; position: Position | null; urgent: boolean; anonymous: boolean;
  confidential: boolean; unit: number | null; answer: string; article: number | null; articleTitle: string; channel: string; touched: string[];
}
const EMPTY: Draft = {
  number: "", name: "", demand: "", code: "", text: "", where: "", position: null, urgent: false, anonymous: false, confidential: false, unit: null, answer: "",
  article: null, articleTitle: "", channel: "", touched: [],
};
const KEPT = "seat-draft";

function kept(): Draft {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as { account: number; draft: Draft } | null;
    if (found && found.account === session.account?.id) return { ...EMPTY, ...found.draft };
  } catch {
    // An unreadable draft is no draft.
  }
  return { ...EMPTY };
}

export function useDesk() {
  const desk = shallowRef<Desk | null>(null);
  const rung = shallowRef<Rung | null>(null);
  const triage = shallowRef<TriageAnswer | null>(null);
  const draft = reactive<Draft>(kept());
  /** Grows with each order, so that lists look again. */
  const changed = ref(0);

  watch(draft, (now) => sessionStorage.setItem(KEPT, JSON.stringify({ account: session.account?.id, draft: now })), { deep: true });
  onSigningOut(async () => {
    sessionStorage.removeItem(KEPT);
    return true;
  });

  /** The form is empty again; the caller stays, as one call may bring several matters. */
  function cleared(): void {
    Object.assign(draft, { ...EMPTY, touched: [], number: draft.number, name: draft.name });
    triage.value = null;
  }
  function actionOf(does: string) {
    return desk.value?.actions.find((one) => one.does === does) ?? null;
  }
  return { desk, rung, triage, draft, changed, cleared, actionOf };
}
export type SeatDesk = ReturnType<typeof useDesk>;
