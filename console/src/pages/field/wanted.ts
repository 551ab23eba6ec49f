/** A household that a task sends the person to; the visits tab opens its form. */
import { ref } from "vue";

export const visitWanted = ref<number | null>(null);
