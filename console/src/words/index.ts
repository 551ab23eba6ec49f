import { watchEffect } from "vue";
import { createI18n } from "vue-i18n";
import { screen } from "@/state/screen";
import { en } from "./en";
import { zh } from "./zh";

/** Words of the shell and of the first pages; further areas add theirs (`area.ts`). */
export const i18n = createI18n({ legacy: false, locale: screen.language, fallbackLocale: false, messages: { zh, en } });

watchEffect(() => {
  i18n.global.locale.value = screen.language;
});
