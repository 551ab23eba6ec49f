/** Builds the service worker as one file, sw.js, that knows which files the field page needs to open without a network. */
import { createHash } from "node:crypto";
import { fileURLToPath, URL } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";

const ENTRY = fileURLToPath(new URL("./src/field/worker.ts", import.meta.url));
const SOURCES = fileURLToPath(new URL("./src", import.meta.url));
/** Pages that work without a network, and the one that leads to them. */
const OFFLINE = /\/src\/(main\.ts|pages\/(field|login)\/|map\/MiniMap\.vue)|\/index\.html$/;
const ALWAYS = ["/manifest.webmanifest", "/icon-192.png", "/mark.svg"];

type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } };

/** The chunks of these pages with all that they import at once; what they load later only if it is such a page itself. */
function shell(bundle: Rolldown.OutputBundle): string[] {
  const chunks = new Map(Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [[one.fileName, one as Chunk]] : [])));
  const found = new Set<string>();
  const take = (name: string): void => {
    const chunk = chunks.get(name);
    if (!chunk || found.has(name)) return;
    found.add(name);
    chunk.viteMetadata?.importedCss.forEach((file) => found.add(file));
    chunk.imports.forEach(take);
  };
  for (const chunk of chunks.values()) {
    const modules = [chunk.facadeModuleId ?? "", ...chunk.moduleIds];
    if (modules.some((id) => OFFLINE.test(id))) take(chunk.fileName);
  }
  for (const name of Object.keys(bundle)) if (/maplibre-gl-worker.*\.mjs$/.test(name)) found.add(name);
  return [...[...found].map((name) => `/${name}`), ...ALWAYS].sort();
}

export function fieldWorker(): Plugin {
  return {
    name: "hutong-field-worker",
    apply: "build",
    async generateBundle(_options, bundle) {
      const files = shell(bundle);
      const edition = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12);
      const made = await build({
        configFile: false, publicDir: false, logLevel: "error",
        resolve: { alias: { "@": SOURCES } },
        define: { __SHELL__: JSON.stringify(files), __EDITION__: JSON.stringify(edition) },
        build: { write: false, target: "es2022", lib: { entry: ENTRY, formats: ["iife"], name: "hutongField", fileName: () => "sw.js" } },
      });
      const output = (Array.isArray(made) ? made : [made]) as { output: { type: string; code?: string }[] }[];
      const code = output.flatMap((one) => one.output).find((one) => one.type === "chunk")?.code;
      if (!code) throw new Error("the service worker was not built");
      this.emitFile({ type: "asset", fileName: "sw.js", source: code });
    },
  };
}
