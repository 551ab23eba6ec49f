import { watchEffect } from "vue";
import { createI18n } from "vue-i18n";
import { screen } from "@/state/screen";
import { areas } from "./areas";
import { en } from "./en";
import { zh } from "./zh";

export const i18n = createI18n({
  legacy: false, locale: screen.language, fallbackLocale: false,
  messages: { zh: { ...zh, ...areas("zh") }, en: { ...en, ...areas("en") } },
});

watchEffect(() => {
  i18n.global.locale.value = screen.language;
});
