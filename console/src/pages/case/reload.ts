/** How the parts of a case page say that the case changed: with the new case, or without when it has to be asked for. */
import type { InjectionKey } from "vue";
import type { Case } from "@/api/model";

export const CASE_RELOAD: InjectionKey<(value?: Case) => void> = Symbol("case reload");
