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
    offlineReady.value = true;
    // Unsent work and photos must not be thrown away when the phone runs short of room.
    await navigator.storage?.persist?.();
  } catch {
    offlineProblem.value = "failed";
  }
}
