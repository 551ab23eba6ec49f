/** Registers the service worker. Browsers offer one only over TLS (or on the machine itself); without it the page works online. */
import { ref } from "vue";

/** Why the page cannot work offline here; empty if it can. */
export const offlineProblem = ref<"" | "insecure" | "unsupported" | "failed">("");
/** The shell is kept: the page opens without a network from now on. */
export const offlineReady = ref(false);

export async function install(): Promise<void> {
  if (!window.isSecureContext) offlineProblem.value = "insecure";
  else if (!("serviceWorker" in navigator)) offlineProblem.value = "unsupported";
  if (offlineProblem.value) return;
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    await controlled();
    await again();
    offlineReady.value = true;
    // Unsent work and photos must not be thrown away when the phone runs short of room.
    await navigator.storage?.persist?.();
  } catch {
    offlineProblem.value = "failed";
  }
}

const ANSWERS = ["/api/v1/city", "/api/v1/session", "/api/v1/style"];

/** On the first visit the worker takes over a page that was loaded without it. */
function controlled(): Promise<void> {
  if (navigator.serviceWorker.controller) return Promise.resolve();
  return new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true }));
}

/** What was loaded before the worker was there is asked for once more, so that it is kept: one visit is enough. */
async function again(): Promise<void> {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const kept = loaded.filter((name) => name.startsWith(`${location.origin}/assets/`) || name.includes("/api/v1/tiles/base/"));
  await Promise.allSettled([...ANSWERS, ...new Set(kept)].map((address) => fetch(address, { credentials: "same-origin" })));
}
