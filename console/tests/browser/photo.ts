/** Photos made while testing: a street scene drawn by the browser itself, as a JPEG of a phone's size. */
import type { Page } from "@playwright/test";

export interface Photo {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export async function photo(page: Page, name: string, wet: boolean): Promise<Photo> {
  const base64 = await page.evaluate(async (flooded) => {
    const canvas = new OffscreenCanvas(1280, 960);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.fillStyle = "#9fb0b8";
    context.fillRect(0, 0, 1280, 960);
    context.fillStyle = "#5a5f60";
    context.fillRect(0, 520, 1280, 440);
    context.fillStyle = flooded ? "#48697c" : "#686d6e";
    context.beginPath();
    context.ellipse(640, 720, 420, 120, 0, 0, 7);
    context.fill();
    context.fillStyle = "#eee";
    context.fillText(String(performance.now()), 40, 920);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }, wet);
  return { name, mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") };
}
