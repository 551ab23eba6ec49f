/** Words of areas that keep them beside their pages: `pages/NAME/words.ts` exports `words(zh, en)`; list it here. */
import type { Language } from "@/state/screen";

type Tree = { [key: string]: string | Tree };
export interface Area { zh: Tree; en: Tree }

/** Both languages of an area; English must have exactly the keys of Chinese. */
export function words<T extends Tree>(zh: T, en: { [K in keyof T]: T[K] extends string ? string : Tree }): Area {
  return { zh, en: en as Tree };
}

const AREAS: Record<string, Area> = {};

/** All areas in one language, each under its name. */
export function areas(language: Language): Record<string, Tree> {
  return Object.fromEntries(Object.entries(AREAS).map(([name, area]) => [name, area[language]]));
}
