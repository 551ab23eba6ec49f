/**
 * The map's letters: MapLibre draws every glyph in the browser from the same font files as the page (style property
 * `font-faces`), so labels look alike on every machine and no glyph server is needed.
 */
import unicode from "@fontsource-variable/noto-sans-sc/unicode.json";
import type { StyleSpecification } from "maplibre-gl";

export const FONT = "Noto Sans SC";

const files = import.meta.glob<string>("/node_modules/@fontsource-variable/noto-sans-sc/files/*-wght-normal.woff2", {
  query: "?url",
  import: "default",
  eager: true,
});

type FontFaces = NonNullable<StyleSpecification["font-faces"]>;

export function fontFaces(): FontFaces {
  const faces = Object.entries(unicode).flatMap(([subset, ranges]) => {
    const name = subset.replace(/[[\]]/g, "");
    const file = Object.entries(files).find(([path]) => path.endsWith(`/noto-sans-sc-${name}-wght-normal.woff2`));
    return file ? [{ url: new URL(file[1], location.href).href, "unicode-range": ranges.split(",") }] : [];
  });
  return { [FONT]: faces };
}
