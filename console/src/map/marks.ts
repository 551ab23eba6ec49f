/** The marks drawn on the map, as images: a thing's tone shape, a warning's shield, a case's tab. */
import type { Map as MapLibreMap } from "maplibre-gl";
import type { Tone } from "@/api/model";
import { FILLS, SHAPES, TONES } from "@/text/tones";

const RATIO = 2;

type Drawing = (context: CanvasRenderingContext2D, size: number) => void;

function image(size: number, draw: Drawing): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.scale(RATIO, RATIO);
  draw(context, size);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** A thing: its tone's shape with a rim that lifts it off the map. */
function thingMark(tone: Tone, dark: boolean): ImageData {
  const size = 20;
  return image(size, (context) => {
    const path = new Path2D(SHAPES[tone]);
    context.translate(2, 2);
    context.scale(16 / 24, 16 / 24);
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = dark ? "#0e1211" : "#ffffff";
    context.stroke(path);
    context.fillStyle = FILLS[dark ? "dark" : "light"][tone];
    context.fill(path, "evenodd");
  });
}

/** A warning: the shape of its colour, larger, with an exclamation mark. */
function warningMark(tone: Tone, dark: boolean): ImageData {
  const size = 32;
  return image(size, (context) => {
    const path = new Path2D(SHAPES[tone]);
    context.save();
    context.translate(2, 2);
    context.scale(28 / 24, 28 / 24);
    context.lineJoin = "round";
    context.lineWidth = 2.4;
    context.strokeStyle = dark ? "#0e1211" : "#ffffff";
    context.stroke(path);
    context.fillStyle = FILLS[dark ? "dark" : "light"][tone];
    context.fill(path);
    context.restore();
    context.fillStyle = dark || tone === "yellow" ? "#12100a" : "#ffffff";
    const drop = tone === "orange" ? 3 : 0;
    context.fillRect(14.75, 9.5 + drop, 2.5, 8);
    context.fillRect(14.75, 19.5 + drop, 2.5, 2.75);
  });
}

/** A case: a sheet with lines; red rim when its clock ran out, amber when little is left. */
function caseMark(clock: "calm" | "amber" | "red", dark: boolean): ImageData {
  const size = 28;
  const fills = FILLS[dark ? "dark" : "light"];
  const rim = clock === "red" ? fills.red : clock === "amber" ? fills.yellow : dark ? "#5cc0b0" : "#0b665b";
  return image(size, (context) => {
    context.fillStyle = dark ? "#0e1211" : "#ffffff";
    context.strokeStyle = rim;
    context.lineWidth = 2.5;
    context.beginPath();
    context.roundRect(5, 3, 18, 22, 3);
    context.fill();
    context.stroke();
    context.fillStyle = rim;
    if (clock === "red") {
      context.fillRect(12.75, 8, 2.5, 7);
      context.fillRect(12.75, 17.5, 2.5, 2.5);
      return;
    }
    context.fillRect(9, 9, 10, 2);
    context.fillRect(9, 13, 10, 2);
    context.fillRect(9, 17, 6, 2);
  });
}

/** Several cases: an empty sheet wide enough for a count. */
function casesMark(clock: "calm" | "amber" | "red", dark: boolean): ImageData {
  const size = 32;
  const fills = FILLS[dark ? "dark" : "light"];
  return image(size, (context) => {
    context.fillStyle = dark ? "#151a19" : "#ffffff";
    context.strokeStyle = clock === "red" ? fills.red : clock === "amber" ? fills.yellow : dark ? "#5cc0b0" : "#0b665b";
    context.lineWidth = 2.5;
    context.beginPath();
    context.roundRect(3, 4, 26, 24, 4);
    context.fill();
    context.stroke();
  });
}

export function addMarks(map: MapLibreMap, dark: boolean): void {
  const add = (name: string, data: ImageData) => {
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, data, { pixelRatio: RATIO });
  };
  for (const tone of TONES) {
    add(`thing-${tone}`, thingMark(tone, dark));
    add(`warning-${tone}`, warningMark(tone, dark));
  }
  for (const clock of ["calm", "amber", "red"] as const) {
    add(`case-${clock}`, caseMark(clock, dark));
    add(`cases-${clock}`, casesMark(clock, dark));
  }
}
