/** Words that an area keeps beside its pages: they are loaded with whatever imports them, not with the first page. */
import { i18n } from "./index";

type Tree = { [key: string]: string | Tree };

/** Adds both languages of an area under its name; English must have exactly the keys of Chinese. */
export function words<T extends Tree>(name: string, zh: T, en: { [K in keyof T]: T[K] extends string ? string : Tree }): void {
  i18n.global.mergeLocaleMessage("zh", { [name]: zh });
  i18n.global.mergeLocaleMessage("en", { [name]: en });
}
