/** The answers, photos and the sending of one action. One key per intent: sending again after a broken network is safe. */
import { computed, reactive, ref } from "vue";
import { cases } from "@/api/calls";
import { mintKey, type Problem } from "@/api/http";
import type { Case, CaseFile, Need, Offer } from "@/api/model";
import { asProblem } from "@/state/load";
import { answersOf, missingOf } from "./answers";

export interface Photo {
  role: string;
  preview: string;
  state: "sending" | "sent" | "failed";
  id: number | null;
}

/** The photo that a new one of this role has to match. */
export function modelPhoto(row: Case, offer: Offer, role: string): CaseFile | null {
  const need = offer.proof?.needs.find((one) => one.stage !== null && one.role === role);
  return row.files.find((file) => need?.same_angle_as.includes(file.id)) ?? null;
}

/** The photos an action asks for; those that are already there say so themselves. */
export function photoNeeds(offer: Offer): Need[] {
  return offer.proof?.needs.filter((need) => need.stage !== null) ?? [];
}

export function useActing(row: () => Case, offer: Offer) {
  const answers = reactive<Record<string, string>>(
    Object.fromEntries(offer.asks.map((ask) => [ask.name, ask.suggested === null ? "" : String(ask.suggested)])),
  );
  const photos = reactive(new Map<string, Photo>());
  const problem = ref<Problem | null>(null);
  const busy = ref(false);
  const tried = ref(false);
  let key = mintKey();

  const missingAsks = computed(() => missingOf(offer.asks, answers));
  const missingPhotos = computed(() => photoNeeds(offer).filter((need) => !need.met && photos.get(need.role)?.state !== "sent").map((need) => need.role));

  async function attach(role: string, file: File): Promise<void> {
    problem.value = null;
    const photo: Photo = { role, preview: URL.createObjectURL(file), state: "sending", id: null };
    photos.set(role, photo);
    const model = modelPhoto(row(), offer, role);
    try {
      const sent = await cases.upload(
        { file, case: row().id, stage: offer.proof?.stage ?? "other", role, position: row().position, ...(model ? { same_angle_as: model.id } : {}) },
        mintKey(),
      );
      photos.set(role, { ...photo, state: "sent", id: sent.id });
    } catch (error) {
      photos.set(role, { ...photo, state: "failed" });
      problem.value = asProblem(error);
    }
  }

  /** The case after the action; null when something is missing or it failed (see `problem`). */
  async function send(): Promise<Case | null> {
    tried.value = true;
    if (missingAsks.value.length || missingPhotos.value.length || busy.value) return null;
    busy.value = true;
    problem.value = null;
    const given = answersOf(offer.asks, answers);
    const files = [...photos.values()].flatMap((photo) => (photo.id === null ? [] : [photo.id]));
    try {
      return await cases.act(row(), offer.action, given, files, key);
    } catch (error) {
      problem.value = asProblem(error);
      // An answer came: the next try is another intent. Without one, the same key makes a repetition harmless.
      if (!problem.value.unreachable) key = mintKey();
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { answers, photos, problem, busy, tried, missingAsks, missingPhotos, attach, send };
}
