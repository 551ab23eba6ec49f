/** What this screen looks like: language, theme, text size. Kept on this device. */
import { reactive, watchEffect } from "vue";
import { setRequestLanguage } from "@/api/http";

export type Language = "zh" | "en";
export type Theme = "light" | "dark" | "system";

const KEY = "hutong.screen";

interface Screen {
  language: Language;
  theme: Theme;
  large: boolean;
}

function stored(): Partial<Screen> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Screen>;
  } catch {
    return {};
  }
}

export const screen = reactive<Screen>({ language: "zh", theme: "light", large: false, ...stored() });

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
export const resolved = reactive({ dark: false, narrow: false });

const narrow = matchMedia("(max-width: 720px)");
narrow.addEventListener("change", () => (resolved.narrow = narrow.matches));
resolved.narrow = narrow.matches;

function apply(): void {
  resolved.dark = screen.theme === "dark" || (screen.theme === "system" && darkSystem.matches);
  const root = document.documentElement;
  root.dataset.theme = resolved.dark ? "dark" : "light";
  root.dataset.text = screen.large ? "large" : "normal";
  root.lang = screen.language === "zh" ? "zh-CN" : "en";
  setRequestLanguage(root.lang);
}

darkSystem.addEventListener("change", apply);
watchEffect(() => {
  apply();
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...screen }));
  } catch {
    // Storage may be switched off; the choice then lasts until the page is left.
  }
});
