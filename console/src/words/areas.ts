/** Words of areas that keep them beside their pages: `pages/NAME/words.ts` exports `words(zh, en)`; list it here. */
import { bulk } from "@/pages/desk/bulkWords";
import { publicSide } from "@/pages/case/publicWords";
import { field } from "@/pages/field/words";
import { registers } from "@/pages/registers/words";
import { procedure } from "@/pages/city/procedureWords";
import { upper } from "@/pages/city/upperWords";
import { evaluation } from "@/pages/evaluation/words";
import { messages } from "@/pages/messages/words";
import { report } from "@/pages/report/words";
import { webhook } from "@/pages/city/webhookWords";
import { knowledge } from "@/pages/knowledge/words";
import { topics, triage } from "@/pages/topics/words";
import { learning } from "@/pages/city/triageWords";
import { seat } from "@/pages/seat/words";
import { handover } from "@/pages/handover/words";
import { register } from "@/pages/city/registerWords";
import { plans } from "@/pages/plans/words";
import type { Language } from "@/state/screen";
import type { Area, Tree } from "./area";

export { words } from "./area";

const AREAS: Record<string, Area> = { plans, learning, procedure, bulk, field, upper, evaluation, handover, register, messages, report, webhook, knowledge, seat, topics, triage, registers, publicSide };

/** All areas in one language, each under its name. */
export function areas(language: Language): Record<string, Tree> {
  return Object.fromEntries(Object.entries(AREAS).map(([name, area]) => [name, area[language]]));
}
