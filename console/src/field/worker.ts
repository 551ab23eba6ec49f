/**
 * The service worker: keeps the field page's shell, the tiles and letters it used, and sends the queue when the network is
 * back. It touches nothing else: every other request goes to the server as if it were not there.
 */
/// <reference lib="webworker" />
import { queued, type Item } from "./queue";
import { flush, KEPT_HEADER } from "./sender";
import { all } from "./store";

declare const self: ServiceWorkerGlobalScope;
declare const __SHELL__: string[];
declare const __EDITION__: string;

const SHELL = `hutong-shell-${__EDITION__}`;
const ASSETS = "hutong-assets";
const TILES = "hutong-tiles";
const PRIVATE = "hutong-private";
const MOST_TILES = 3000;
const PAGE_MS = 4_000;
const ANSWER_MS = 8_000;
const KEPT_ANSWERS = ["/api/v1/city", "/api/v1/session", "/api/v1/style"];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL).then(async (cache) => {
      await cache.addAll(["/index.html", ...__SHELL__]);
      await self.skipWaiting();
    }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("hutong-shell-") && name !== SHELL) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

async function network(request: Request, within: number): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(within) });
}

async function page(request: Request): Promise<Response> {
  const kept = await caches.match("/index.html", { cacheName: SHELL });
  try {
    const answer = await network(request, kept ? PAGE_MS : 30_000);
    if (answer.ok || !kept) return answer;
  } catch (error) {
    if (!kept) throw error;
  }
  return kept as Response;
}

async function forGood(request: Request, name: string): Promise<Response> {
  const kept = (await caches.match(request, { cacheName: SHELL })) ?? (await caches.match(request, { cacheName: name }));
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(name);
    await cache.put(request, answer.clone());
    if (name === TILES) await trim(cache);
  }
  return answer;
}

async function trim(cache: Cache): Promise<void> {
  const keys = await cache.keys();
  if (keys.length > MOST_TILES) for (const old of keys.slice(0, keys.length - MOST_TILES)) await cache.delete(old);
}

/** The server's answer, else the last one: marked, so that nobody takes it for news. */
async function answerOrKept(request: Request): Promise<Response> {
  const cache = await caches.open(PRIVATE);
  try {
    const answer = await network(request, ANSWER_MS);
    if (answer.ok) await cache.put(request, answer.clone());
    else if (answer.status === 401) await cache.delete(request);
    return answer;
  } catch (error) {
    const kept = await cache.match(request);
    if (!kept) throw error;
    const headers = new Headers(kept.headers);
    headers.set(KEPT_HEADER, "1");
    return new Response(kept.body, { status: kept.status, headers });
  }
}

async function signOut(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (answer.ok) await caches.delete(PRIVATE);
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "DELETE" && pathname === "/api/v1/session") return event.respondWith(signOut(request));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (pathname === "/field" || pathname.startsWith("/field/")) event.respondWith(page(request));
    return;
  }
  if (pathname.startsWith("/assets/")) event.respondWith(forGood(request, ASSETS));
  else if (pathname.startsWith("/api/v1/tiles/base/")) event.respondWith(forGood(request, TILES));
  else if (KEPT_ANSWERS.includes(pathname)) event.respondWith(answerOrKept(request));
  else if (/^\/api\/v1\/files\/\d+$/.test(pathname) && searchParams.has("w") && new URL(request.referrer || origin).pathname.startsWith("/field")) {
    event.respondWith(forGood(request, PRIVATE));
  }
});

self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(PRIVATE));
});

async function sendAll(): Promise<void> {
  const accounts = new Set((await all<Item>("queue")).map((item) => item.account));
  for (const account of accounts) {
    await flush(account, true);
    const left = (await queued(account)).some((item) => item.state === "waiting");
    // The browser tries a failed sync again later by itself.
    if (left) throw new Error("not all could be sent");
  }
}

self.addEventListener("sync", ((event: ExtendableEvent & { tag: string }) => {
  if (event.tag === "hutong-field") event.waitUntil(sendAll());
}) as EventListener);
