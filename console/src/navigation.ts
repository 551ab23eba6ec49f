/** The entries of the shell's menu: who sees them, and which pages belong to them. */
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
  /** On a phone only entries of rank 1 stand in the bar; the others are in the account menu. */
  rank: 1 | 2;
}

const always = () => true;
const inField = () => session.account?.may.some((held) => held.startsWith("act.")) ?? false;

export const ENTRIES: Entry[] = [
  { name: "seat", icon: "phone", words: "seat.title", within: [], shown: () => may("answer", "call"), rank: 1 },
  { name: "situation", icon: "map", words: "app.pages.situation", within: [], shown: always, rank: 1 },
  { name: "desk", icon: "desk", words: "app.pages.desk", within: ["case"], shown: always, rank: 1 },
  { name: "things", icon: "thing", words: "app.pages.things", within: ["thing", "stream"], shown: () => may("read", "thing"), rank: 1 },
  { name: "city", icon: "city", words: "app.pages.city", within: ["responsibilities", "census", "rules", "procedures", "procedure", "devices", "webhooks", "upper"], shown: always, rank: 1 },
  { name: "knowledge", icon: "book", words: "knowledge.title", within: [], shown: () => may("read", "article") && (may("write", "article") || may("answer", "call")), rank: 2 },
  { name: "registers", icon: "list", words: "registers.title", within: ["household", "register-entry"], shown: () => may("consult", "household"), rank: 2 },
  { name: "field", icon: "camera", words: "field.title", within: [], shown: inField, rank: 2 },
  { name: "topics", icon: "layers", words: "topics.title", within: [], shown: () => session.account?.may.some((held) => held.startsWith("read")) ?? false, rank: 2 },
  { name: "handovers", icon: "clock", words: "handover.title", within: ["handover"], shown: () => may("read", "handover"), rank: 2 },
  { name: "evaluation", icon: "list", words: "evaluation.title", within: [], shown: () => may("read", "indicator"), rank: 2 },
  { name: "plans", icon: "siren", words: "plans.title", within: [], shown: () => may("read", "plan"), rank: 2 },
  { name: "messages", icon: "bell", words: "messages.title", within: [], shown: always, rank: 2 },
];

/** The entry a route belongs to. */
export function entryOf(route: string): Entry | undefined {
  return ENTRIES.find((one) => one.name === route || one.within.includes(route));
}
