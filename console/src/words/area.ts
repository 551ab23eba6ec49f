/** Words that an area keeps beside its pages. */
export type Tree = { [key: string]: string | Tree };
export interface Area { zh: Tree; en: Tree }

/** Both languages of an area; English must have exactly the keys of Chinese. */
export function words<T extends Tree>(zh: T, en: { [K in keyof T]: T[K] extends string ? string : Tree }): Area {
  return { zh, en: en as Tree };
}
