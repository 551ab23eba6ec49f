/** Why the console could not start, where it could not. */
import { shallowReactive } from "vue";
import type { Problem } from "@/api/http";

export const startup = shallowReactive<{ error: Problem | null }>({ error: null });
