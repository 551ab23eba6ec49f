/** One way to make a map: own worker file, own letters, controls in the language of the page. */
import { AttributionControl, Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { City } from "@/api/model";
import { reducedMotion, resolved, screen } from "@/state/screen";
import { baseStyle } from "./style";

setWorkerUrl(new URL(workerUrl, location.href).href);

export function styleOf(city: City) {
  return baseStyle({
    dark: resolved.dark, language: screen.language, box: city.box, attribution: `© ${city.source} · ${city.licence}`,
  });
}

export interface MapOptions {
  container: HTMLElement;
  city: City;
  centre?: [number, number];
  zoom?: number;
  small?: boolean;
  words: { zoomIn: string; zoomOut: string; label: string };
}

/** Throws where the browser has no WebGL. */
export function createMap(options: MapOptions): MapLibreMap {
  const { city, small = false } = options;
  const [west, south, east, north] = city.box;
  const margin = 0.05;
  const map = new MapLibreMap({
    container: options.container,
    style: styleOf(city),
    ...(options.centre
      ? { center: options.centre, zoom: options.zoom ?? 15 }
      : { bounds: [west, south, east, north] as [number, number, number, number], fitBoundsOptions: { padding: 8 } }),
    maxBounds: [west - margin, south - margin, east + margin, north + margin],
    minZoom: 9,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: reducedMotion.matches ? 0 : 200,
    localIdeographFontFamily: "'Noto Sans SC Variable', 'Noto Sans CJK SC', sans-serif",
    locale: {
      "NavigationControl.ZoomIn": options.words.zoomIn,
      "NavigationControl.ZoomOut": options.words.zoomOut,
      "Map.Title": options.words.label,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new AttributionControl({ compact: false }), "bottom-right");
  if (!small) {
    map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
    map.addControl(new ScaleControl({ unit: "metric", maxWidth: 120 }), "bottom-left");
  }
  return map;
}
