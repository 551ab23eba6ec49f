/** What lies on the base map: live things, warnings and cases as clusters with counts, the selection and its links. */
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibreMap } from "maplibre-gl";
import type { CaseRow, LayerDefinition, LiveColumns, Position, WarningRow } from "@/api/model";
import { FILLS, rank } from "@/text/tones";
import { FONT } from "./fonts";
import { addMarks } from "./marks";

type Feature = GeoJSON.Feature<GeoJSON.Geometry, Record<string, unknown>>;
type Collection = GeoJSON.FeatureCollection<GeoJSON.Geometry, Record<string, unknown>>;

export const NOTHING: Collection = { type: "FeatureCollection", features: [] };

export function collection(features: Feature[]): Collection {
  return { type: "FeatureCollection", features };
}
function point(position: Position, properties: Record<string, unknown>): Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: position }, properties };
}

export function thingFeatures(columns: LiveColumns): Collection {
  const features = columns.id.map((id, row): Feature => {
    const tone = columns.tone[row] ?? "calm";
    const properties = { id, tone, rank: rank(tone) };
    const parts = columns.lines?.[row];
    if (parts) return { type: "Feature", geometry: { type: "MultiLineString", coordinates: parts }, properties };
    return point([columns.lon[row] ?? 0, columns.lat[row] ?? 0], properties);
  });
  return collection(features);
}

export function warningFeatures(rows: WarningRow[]): Collection {
  return collection(rows.flatMap((row) => {
    const position = row.thing?.position;
    return position ? [point(position, { id: row.id, tone: row.colour, rank: rank(row.colour) })] : [];
  }));
}

export function caseFeatures(rows: CaseRow[]): Collection {
  return collection(rows.flatMap((row) => {
    if (!row.position) return [];
    const clock = row.clock?.tone === "red" || row.clock?.tone === "amber" ? row.clock.tone : "calm";
    return [point(row.position, { id: row.id, clock, rank: clock === "red" ? 2 : clock === "amber" ? 1 : 0 })];
  }));
}

export function linkFeatures(from: Position, others: Position[]): Collection {
  return collection([
    ...others.map((to): Feature => ({ type: "Feature", geometry: { type: "LineString", coordinates: [from, to] }, properties: {} })),
    ...others.map((to) => point(to, { linked: true })),
    point(from, { selected: true }),
  ]);
}

function toneColour(dark: boolean): ExpressionSpecification {
  const fills = FILLS[dark ? "dark" : "light"];
  return ["match", ["get", "tone"], "red", fills.red, "orange", fills.orange, "yellow", fills.yellow, "blue", fills.blue,
    "notice", fills.notice, fills.calm];
}

function setData(map: MapLibreMap, name: string, data: Collection): void {
  const source = map.getSource(name) as GeoJSONSource | undefined;
  if (source) source.setData(data);
}

export class Overlays {
  private readonly data = new Map<string, Collection>();

  constructor(private readonly map: MapLibreMap, private readonly layers: LayerDefinition[]) {}

  /** Draws everything anew, after a style (theme, language) was set. */
  install(dark: boolean): void {
    addMarks(this.map, dark);
    this.installSelection(dark);
    for (const layer of this.layers) this.installThings(layer, dark);
    this.installCases(dark);
    this.installWarnings(dark);
  }

  set(name: string, data: Collection): void {
    this.data.set(name, data);
    setData(this.map, name, data);
  }

  show(name: string, visible: boolean): void {
    for (const layer of this.map.getStyle().layers) {
      if ("source" in layer && layer.source === name) {
        this.map.setLayoutProperty(layer.id, "visibility", visible ? "visible" : "none");
      }
    }
  }

  private source(name: string, extra: Record<string, unknown> = {}): void {
    this.map.addSource(name, { type: "geojson", data: this.data.get(name) ?? NOTHING, ...extra });
  }

  private installSelection(dark: boolean): void {
    const accent = dark ? "#5cc0b0" : "#0b665b";
    this.source("selection");
    this.map.addLayer({ id: "selection-line", type: "line", source: "selection", filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": accent, "line-width": 1.25, "line-opacity": 0.7 } });
    this.map.addLayer({ id: "selection-linked", type: "circle", source: "selection", filter: ["has", "linked"],
      paint: { "circle-radius": 10, "circle-color": accent, "circle-opacity": 0.16, "circle-stroke-color": accent, "circle-stroke-width": 1.5 } });
    this.map.addLayer({ id: "selection-point", type: "circle", source: "selection", filter: ["has", "selected"],
      paint: { "circle-radius": 18, "circle-color": accent, "circle-opacity": 0.16, "circle-stroke-color": accent, "circle-stroke-width": 3 } });
  }

  private installThings(layer: LayerDefinition, dark: boolean): void {
    this.source(layer.name);
    this.map.addLayer({ id: `${layer.name}-line`, type: "line", source: layer.name, minzoom: layer.min_zoom,
      filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-sort-key": ["get", "rank"] },
      paint: { "line-color": toneColour(dark), "line-width": ["interpolate", ["linear"], ["zoom"], 12, 1, 17, 4], "line-opacity": 0.8 } });
    this.map.addLayer({ id: `${layer.name}-point`, type: "symbol", source: layer.name, minzoom: layer.min_zoom,
      filter: ["==", ["geometry-type"], "Point"],
      layout: { "icon-image": ["concat", "thing-", ["get", "tone"]], "icon-allow-overlap": true, "icon-ignore-placement": true,
        "symbol-sort-key": ["get", "rank"],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 11, ["case", [">", ["get", "rank"], 1], 0.7, 0.4], 14, ["case", [">", ["get", "rank"], 1], 0.9, 0.65], 17, 1.1] } });
  }

  private addClusterSource(name: string): void {
    this.source(name, { cluster: true, clusterRadius: 44, clusterMaxZoom: 15, clusterProperties: { gravest: ["max", ["get", "rank"]] } });
  }

  /** Cases stand beside their place (down to the right), so that a warning on the same spot stays in sight. */
  private installCases(dark: boolean): void {
    const name = "cases";
    this.addClusterSource(name);
    const many: ExpressionSpecification = ["match", ["get", "gravest"], 2, "cases-red", 1, "cases-amber", "cases-calm"];
    this.map.addLayer({ id: `${name}-cluster`, type: "symbol", source: name, filter: ["has", "point_count"],
      layout: { "icon-image": many, "icon-allow-overlap": true, "icon-offset": [14, 14], "text-field": ["get", "point_count_abbreviated"],
        "text-font": [FONT], "text-size": 14, "text-allow-overlap": true, "text-offset": [1, 1] },
      paint: { "text-color": dark ? "#e9eeec" : "#1a211f" } });
    this.map.addLayer({ id: `${name}-point`, type: "symbol", source: name, filter: ["!", ["has", "point_count"]],
      layout: { "icon-image": ["concat", "case-", ["get", "clock"]], "icon-allow-overlap": true, "symbol-sort-key": ["get", "rank"], "icon-offset": [14, 14] } });
  }

  private installWarnings(dark: boolean): void {
    const name = "warnings";
    const fills = FILLS[dark ? "dark" : "light"];
    this.addClusterSource(name);
    this.map.addLayer({ id: `${name}-cluster`, type: "circle", source: name, filter: ["has", "point_count"],
      paint: { "circle-color": dark ? "#151a19" : "#ffffff", "circle-stroke-width": 3,
        "circle-stroke-color": ["match", ["get", "gravest"], 5, fills.red, 4, fills.orange, 3, fills.yellow, fills.blue],
        "circle-radius": ["step", ["get", "point_count"], 14, 10, 17, 50, 21] } });
    this.map.addLayer({ id: `${name}-count`, type: "symbol", source: name, filter: ["has", "point_count"],
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": [FONT], "text-size": 14, "text-allow-overlap": true },
      paint: { "text-color": dark ? "#e9eeec" : "#1a211f" } });
    this.map.addLayer({ id: `${name}-point`, type: "symbol", source: name, filter: ["!", ["has", "point_count"]],
      layout: { "icon-image": ["concat", "warning-", ["get", "tone"]], "icon-allow-overlap": true, "symbol-sort-key": ["get", "rank"] } });
  }
}
