/** Phones in the field, and somebody who works through the API beside them. */
import { expect, request as http, type APIRequestContext, type Page } from "@playwright/test";
import { cityOf } from "./posts";

export class Desk {
  private constructor(private readonly context: APIRequestContext, private readonly csrf: string) {}

  static async of(base: string, login: string): Promise<Desk> {
    const context = await http.newContext({ baseURL: base });
    const { demo_password: password } = await cityOf(context);
    const answer = await context.post("/api/v1/session", { data: { login, password } });
    return new Desk(context, ((await answer.json()) as { csrf: string }).csrf);
  }

  async send<T>(method: "POST" | "PUT", path: string, data: unknown): Promise<T> {
    const headers = { "X-CSRF-Token": this.csrf, "Idempotency-Key": `test-${Date.now()}-${Math.random()}` };
    const answer = await this.context.fetch(`/api/v1${path}`, { method, data, headers });
    expect(answer.ok(), await answer.text()).toBe(true);
    return (await answer.json()) as T;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.context.get(`/api/v1${path}`)).json()) as T;
  }
}

/** Signs in on the phone and waits until the page works without a network. */
export async function phone(page: Page, login: string): Promise<void> {
  const { centre, demo_password: password } = await cityOf(page.request);
  await page.context().setGeolocation({ longitude: centre[0], latitude: centre[1], accuracy: 8 });
  await page.request.post("/api/v1/session", { data: { login, password } });
  await page.goto("/field");
  await expect(page.locator("nav a[data-tab='outbox']")).toBeVisible();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

export async function tab(page: Page, name: string): Promise<void> {
  await page.locator(`nav a[data-tab='${name}']`).tap();
}
