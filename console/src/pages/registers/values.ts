/** Values of registers in words. */
import type { Field, Value } from "@/field/homes";
import { i18n } from "@/words";
import { amount, say } from "@/text/say";

export function valueWords(field: Field | undefined, value: Value | undefined): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return i18n.global.t(value ? "app.yes" : "app.no");
  if (field?.kind === "choice") return say(field.choices?.[String(value)]) || String(value);
  if (field?.kind === "number") return amount(Number(value), field.unit);
  return String(value);
}
