/** What was typed, as the API takes it. */
import type { Ask } from "@/api/model";

function answerOf(ask: Ask, text: string): unknown {
  if (ask.kind === "flag") return text === "true" ? true : undefined;
  if (text === "") return undefined;
  if (ask.kind === "number") return Number(text);
  if (ask.kind === "organisations") return text.split(",").map(Number);
  if (ask.kind === "organisation" || ask.kind === "case" || ask.kind === "account") return /^\d+$/.test(text) ? Number(text) : text;
  return text;
}

/** The answers that were given. */
export function answersOf(asks: Ask[], typed: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(asks.map((ask) => [ask.name, answerOf(ask, typed[ask.name]?.trim() ?? "")] as const).filter(([, value]) => value !== undefined));
}

/** What must be given and was not. */
export function missingOf(asks: Ask[], typed: Record<string, string>): Ask[] {
  return asks.filter((ask) => ask.required && ask.kind !== "flag" && !typed[ask.name]?.trim());
}
