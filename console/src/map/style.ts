/** The base map: calm by day, true dark for the duty room. Data: the city's own vector tiles. */
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { FONT, fontFaces } from "./fonts";

interface Palette {
  land: string;
  built: string;
  green: string;
  water: string;
  waterText: string;
  casing: string;
  major: string;
  minor: string;
  path: string;
  rail: string;
  building: string;
  buildingLine: string;
  text: string;
  faint: string;
  halo: string;
  district: string;
}

const LIGHT: Palette = {
  land: "#efefe9", built: "#ebebe4", green: "#e1eadb", water: "#c8dde4", waterText: "#3f6b7a", casing: "#d3d5ce", major: "#ffffff",
  minor: "#fcfcfa", path: "#dfe0da", rail: "#c3c7c1", building: "#e8e8e2", buildingLine: "#dadbd4", text: "#3c4643",
  faint: "#6a746f", halo: "#f6f6f2", district: "#9aa39e",
};
const DARK: Palette = {
  land: "#101514", built: "#131918", green: "#142019", water: "#0b242e", waterText: "#6fa0b0", casing: "#0c100f", major: "#36403d",
  minor: "#232b29", path: "#202725", rail: "#2f3835", building: "#1a201f", buildingLine: "#242c2a", text: "#c3ccc8",
  faint: "#8f9a96", halo: "#0d1110", district: "#56625d",
};

function ofClass(...names: string[]): ExpressionSpecification {
  return ["in", ["get", "class"], ["literal", names]];
}

const isMajor = ofClass("motorway", "trunk", "primary");
const isMiddle = ofClass("secondary", "tertiary", "link");
const isFoot = ofClass("path");
const isMinor = ofClass("minor", "pedestrian", "service");
const isLevel = (level: string): ExpressionSpecification => ["==", ["get", "level"], level];

type Width = [number, number][];

function width(stops: Width, plus = 0): ExpressionSpecification {
  const flat = stops.flatMap(([zoom, px]) => [zoom, px + plus]);
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...flat] as ExpressionSpecification;
}

const WIDTHS: Record<"major" | "middle" | "minor", Width> = {
  major: [[10, 1], [13, 3], [16, 11], [19, 40]],
  middle: [[11, 0.6], [13, 1.8], [16, 8], [19, 32]],
  minor: [[12, 0.4], [14, 1.2], [16, 5], [19, 24]],
};

function road(name: keyof typeof WIDTHS, filter: ExpressionSpecification, minzoom: number, palette: Palette): LayerSpecification[] {
  const common = { type: "line" as const, source: "base", "source-layer": "road", filter, minzoom };
  const layout = { "line-cap": "round" as const, "line-join": "round" as const };
  const colour = name === "minor" ? palette.minor : palette.major;
  return [
    { ...common, id: `road-${name}-casing`, layout, paint: { "line-color": palette.casing, "line-width": width(WIDTHS[name], 1.5) } },
    { ...common, id: `road-${name}`, layout, paint: { "line-color": colour, "line-width": width(WIDTHS[name]) } },
  ];
}

function ground(palette: Palette): LayerSpecification[] {
  const source = "base";
  return [
    { id: "background", type: "background", paint: { "background-color": palette.land } },
    { id: "land", type: "fill", source, "source-layer": "land", paint: { "fill-color": palette.built } },
    { id: "green", type: "fill", source, "source-layer": "green", paint: { "fill-color": palette.green } },
    { id: "water", type: "fill", source, "source-layer": "water", paint: { "fill-color": palette.water } },
    { id: "waterway", type: "line", source, "source-layer": "waterway", paint: { "line-color": palette.water, "line-width": width([[10, 1], [14, 3], [18, 12]]) } },
    { id: "building", type: "fill", source, "source-layer": "building", minzoom: 14, paint: { "fill-color": palette.building, "fill-outline-color": palette.buildingLine } },
    { id: "rail", type: "line", source, "source-layer": "transit", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": palette.rail, "line-width": 1.5, "line-dasharray": [4, 2] } },
    { id: "foot", type: "line", source, "source-layer": "road", filter: isFoot, minzoom: 15, paint: { "line-color": palette.path, "line-width": 1, "line-dasharray": [3, 2] } },
  ];
}

function borders(palette: Palette): LayerSpecification[] {
  const source = "base";
  return [
    { id: "grid", type: "line", source, "source-layer": "grid", minzoom: 14, layout: { visibility: "none" }, paint: { "line-color": palette.district, "line-width": 0.75, "line-opacity": 0.6 } },
    { id: "street-border", type: "line", source, "source-layer": "district", minzoom: 14, filter: isLevel("street"), paint: { "line-color": palette.district, "line-width": 0.75, "line-opacity": 0.5, "line-dasharray": [4, 4] } },
    { id: "district", type: "line", source, "source-layer": "district", filter: isLevel("division"), paint: { "line-color": palette.district, "line-width": 1.25, "line-dasharray": [5, 3] } },
  ];
}

function labels(palette: Palette, name: ExpressionSpecification): LayerSpecification[] {
  const source = "base";
  const halo = { "text-halo-color": palette.halo, "text-halo-width": 1.5 };
  const font = [FONT];
  const text = (size: number) => ({ "text-field": name, "text-font": font, "text-size": size, "text-padding": 8 });
  return [
    { id: "water-name", type: "symbol", source, "source-layer": "waterway", layout: { ...text(12), "symbol-placement": "line", "text-letter-spacing": 0.1 }, paint: { ...halo, "text-color": palette.waterText } },
    { id: "water-area-name", type: "symbol", source, "source-layer": "water", minzoom: 13, layout: text(12), paint: { ...halo, "text-color": palette.waterText } },
    { id: "road-name-major", type: "symbol", source, "source-layer": "road", minzoom: 11, filter: isMajor, layout: { ...text(12), "symbol-placement": "line", "symbol-spacing": 480 }, paint: { ...halo, "text-color": palette.faint } },
    { id: "road-name", type: "symbol", source, "source-layer": "road", minzoom: 13.5, filter: isMiddle, layout: { ...text(12), "symbol-placement": "line", "symbol-spacing": 400 }, paint: { ...halo, "text-color": palette.faint } },
    { id: "road-name-minor", type: "symbol", source, "source-layer": "road", minzoom: 15.5, filter: isMinor, layout: { ...text(12), "symbol-placement": "line", "symbol-spacing": 360 }, paint: { ...halo, "text-color": palette.faint } },
    { id: "poi-name", type: "symbol", source, "source-layer": "poi", minzoom: 16.5, layout: text(12), paint: { ...halo, "text-color": palette.faint } },
    { id: "transit-name", type: "symbol", source, "source-layer": "transit", minzoom: 16, filter: ["==", ["geometry-type"], "Point"], layout: text(12), paint: { ...halo, "text-color": palette.faint } },
    { id: "place-name", type: "symbol", source, "source-layer": "place", filter: ["!=", ["get", "class"], "city"], layout: { ...text(14), "text-max-width": 7 }, paint: { ...halo, "text-color": palette.text } },
  ];
}

export interface BaseOptions {
  dark: boolean;
  language: "zh" | "en";
  attribution: string;
  box: [number, number, number, number];
}

export function baseStyle(options: BaseOptions): StyleSpecification {
  const palette = options.dark ? DARK : LIGHT;
  const zh: ExpressionSpecification = ["coalesce", ["get", "name"], ["get", "name_en"], ""];
  const en: ExpressionSpecification = ["coalesce", ["get", "name_en"], ["get", "name"], ""];
  return {
    version: 8,
    "font-faces": fontFaces(),
    sources: {
      base: {
        type: "vector",
        tiles: [`${location.origin}/api/v1/tiles/base/{z}/{x}/{y}.mvt`],
        minzoom: 9,
        maxzoom: 16,
        bounds: options.box,
        attribution: options.attribution,
      },
    },
    layers: [
      ...ground(palette),
      ...road("minor", isMinor, 12, palette),
      ...road("middle", isMiddle, 11, palette),
      ...road("major", isMajor, 9, palette),
      ...borders(palette),
      ...labels(palette, options.language === "zh" ? zh : en),
    ],
  };
}
