/** The shapes of the native API (docs/reference/openapi.json). */
export type * from "./basics";
export type * from "./cases";
export type * from "./city";
export type * from "./events";
export type * from "./history";
export type * from "./sensing";
export type * from "./things";
export type * from "./warnings";
