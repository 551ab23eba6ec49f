/** Levels of rules in words: a number, or the property of the object that it is. */
import type { Rule, RuleThreshold } from "@/api/model";
import { theCity } from "@/state/city";
import { i18n } from "@/words";
import { amount, say } from "./say";

export function levelWords(rule: Rule, level: RuleThreshold): string {
  const t = i18n.global.t;
  const word = t(`history.${level.word}`);
  if (level.value !== null) return `${word} ${amount(level.value, level.unit)}`;
  const property = theCity().types[rule.type]?.properties.find((one) => one.name === level.name);
  return `${word} ${say(property?.label) || level.name}`;
}
