/**
 * The six tones and the mark of each: a shape of its own, so that nothing is told by colour alone.
 * 一级红 octagon, 二级橙 triangle, 三级黄 diamond, 四级蓝 square; notice: ring, calm: dot.
 */
import type { Colour, Tone } from "@/api/model";

export const TONES: readonly Tone[] = ["calm", "notice", "blue", "yellow", "orange", "red"];

export function rank(tone: Tone): number {
  return TONES.indexOf(tone);
}

/** Paths in a 24 × 24 box, for the page (SVG) and the map (canvas). */
export const SHAPES: Record<Tone, string> = {
  calm: "M12 7a5 5 0 1 1 0 10a5 5 0 1 1 0-10z",
  notice: "M12 4.5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 1 1 0-15z M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8z",
  blue: "M5 5h14v14H5z",
  yellow: "M12 2.5 21.5 12 12 21.5 2.5 12z",
  orange: "M12 3 22.5 21H1.5z",
  red: "M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z",
};

/** The colours of the marks, by theme; the words beside them use the darker `--tone-…-ink` of the style sheet. */
export const FILLS: Record<"light" | "dark", Record<Tone, string>> = {
  light: { calm: "#5f7f78", notice: "#66706d", blue: "#2468b4", yellow: "#d9a400", orange: "#dd6b00", red: "#c4221c" },
  dark: { calm: "#7fa79e", notice: "#aab4b0", blue: "#6aa5ea", yellow: "#f0c93a", orange: "#ff9a3d", red: "#ff6b61" },
};

export const COLOURS: readonly Colour[] = ["red", "orange", "yellow", "blue"];
