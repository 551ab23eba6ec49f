/** A photo as it is kept and sent: at most 1,600 pixels, with the moment and place it was taken. */
import { mintKey } from "@/api/http";
import type { FileStage, Position } from "@/api/model";
import { cityTimeAt } from "./cityTime";
import { cameraNotes } from "./exif";
import { fixNow } from "./here";
import type { FileRef, QueuedFile } from "./queue";

export const LONGEST_SIDE = 1600;
const QUALITY = 0.85;
const SMALL_BYTES = 1_000_000;
const JUST_NOW_MS = 10 * 60_000;

export interface Shot {
  key: string;
  blob: Blob;
  name: string;
  taken: string;
  position: Position | null;
  /** The place that the camera itself wrote down. */
  camera: Position | null;
  preview: string;
}

/** Of a picture chosen from the album the camera's own time and place count; of one taken now, this moment. */
export async function shot(file: File, at: number): Promise<Shot> {
  const notes = await cameraNotes(file);
  const old = notes.taken !== null && at - notes.taken > JUST_NOW_MS ? notes.taken : null;
  const blob = await smaller(file);
  const position = notes.position ?? (old === null ? fixNow()?.position ?? null : null);
  return { key: mintKey(), blob, name: file.name || "photo.jpg", taken: cityTimeAt(old ?? at), position, camera: notes.position, preview: URL.createObjectURL(blob) };
}

async function smaller(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const share = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  // Small enough: kept as the camera made it, with its notes, as evidence.
  if (share === 1 && file.type === "image/jpeg" && file.size <= SMALL_BYTES) {
    picture.close();
    return file;
  }
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture cannot be read"))), "image/jpeg", QUALITY);
  });
}

export function queuedFile(one: Shot, stage: FileStage, role: string, sameAngleAs: FileRef | null = null): QueuedFile {
  return { key: one.key, blob: one.blob, name: one.name, stage, role, taken: one.taken, position: one.position, sameAngleAs, sent: null };
}
