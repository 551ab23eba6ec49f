/** The one place that talks HTTP: problem details, CSRF token, idempotency keys. */
import type { Label } from "./model";

const BASE = "/api/v1";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly code: string,
    readonly field: string,
    readonly reason: string | Label,
    readonly remedy: string | Label,
    readonly facts: Record<string, unknown>,
  ) {
    super(detail || title);
    this.name = "Problem";
  }

  /** The server was not reached at all: a retry may help. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

let csrf = "";
let language = "zh";
const expired = new Set<() => void>();

export function setCsrf(token: string): void {
  csrf = token;
}
export function setRequestLanguage(name: string): void {
  language = name;
}
/** Called when an answer says that nobody is signed in any more. */
export function onSignedOut(call: () => void): void {
  expired.add(call);
}

/** A fresh Idempotency-Key; also without a secure context, where `randomUUID` is missing. */
export function mintKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string | number | boolean | null | undefined>;
  json?: unknown;
  form?: FormData;
  /** Idempotency-Key; keep it over retries of one intent. Minted when absent. */
  key?: string;
  version?: number;
  signal?: AbortSignal;
}

export function address(path: string, query: Options["query"] = {}): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parts.set(name, String(value));
  }
  const text = parts.toString();
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

function headersOf(options: Options): Headers {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": language });
  if (options.json !== undefined) headers.set("Content-Type", "application/json");
  if ((options.method ?? "GET") !== "GET") {
    headers.set("Idempotency-Key", options.key ?? mintKey());
    if (csrf) headers.set("X-CSRF-Token", csrf);
  }
  if (options.version !== undefined) headers.set("If-Match", `"${options.version}"`);
  return headers;
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = (await response.json()) as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy or a crash answered. The status is all there is to say.
  }
  const text = (name: string) => (typeof body[name] === "string" ? (body[name] as string) : "");
  const words = (name: string) => (body[name] ?? "") as string | Label;
  const facts = (body.facts ?? {}) as Record<string, unknown>;
  return new Problem(
    response.status, text("title") || response.statusText, text("detail"), text("code"),
    text("field"), words("reason"), words("remedy"), facts,
  );
}

export async function request<T>(path: string, options: Options = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method: options.method ?? "GET",
      headers: headersOf(options),
      body: options.form ?? (options.json === undefined ? undefined : JSON.stringify(options.json)),
      credentials: "same-origin",
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "", "unreachable", "", "", "", {});
  }
  if (!response.ok) {
    if (response.status === 401 && path !== "/session") expired.forEach((call) => call());
    throw await problemOf(response);
  }
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}
