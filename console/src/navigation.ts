/** The entries of the shell's menu, in the order of their use: the first stand in the bar, the others behind “more”. */
import type { IconName } from "@/parts/Icon.vue";
import { may, session } from "@/state/session";

export interface Entry {
  /** Route it leads to. */
  name: string;
  icon: IconName;
  /** Key of its words. */
  words: string;
  /** Further routes that belong to it. */
  within: string[];
  shown: () => boolean;
}

const always = () => true;
const inField = () => session.account?.may.some((held) => held.startsWith("act.")) ?? false;

export const ENTRIES: Entry[] = [
  { name: "seat", icon: "phone", words: "app.pages.seat", within: [], shown: () => may("answer", "call") },
  { name: "situation", icon: "map", words: "app.pages.situation", within: [], shown: always },
  { name: "desk", icon: "desk", words: "app.pages.desk", within: ["case"], shown: always },
  { name: "things", icon: "thing", words: "app.pages.things", within: ["thing", "stream"], shown: () => may("read", "thing") },
  { name: "city", icon: "city", words: "app.pages.city", within: ["responsibilities", "census", "rules", "procedures", "procedure", "triage", "devices", "webhooks", "upper"], shown: always },
  { name: "knowledge", icon: "book", words: "app.pages.knowledge", within: [], shown: () => may("read", "article") && (may("write", "article") || may("answer", "call")) },
  { name: "registers", icon: "list", words: "app.pages.registers", within: ["household", "register-entry"], shown: () => may("consult", "household") },
  { name: "field", icon: "camera", words: "app.pages.field", within: [], shown: inField },
  { name: "topics", icon: "layers", words: "app.pages.topics", within: [], shown: () => session.account?.may.some((held) => held.startsWith("read")) ?? false },
  { name: "handovers", icon: "clock", words: "app.pages.handovers", within: ["handover"], shown: () => may("read", "handover") },
  { name: "evaluation", icon: "list", words: "app.pages.evaluation", within: [], shown: () => may("read", "indicator") },
  { name: "plans", icon: "siren", words: "app.pages.plans", within: [], shown: () => may("read", "plan") },
];

/** How many stand in the bar, and on a phone. */
export const IN_BAR = 5;
export const ON_PHONE = 4;

/** The entry a route belongs to. */
export function entryOf(route: string): Entry | undefined {
  return ENTRIES.find((one) => one.name === route || one.within.includes(route));
}
