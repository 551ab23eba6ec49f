/** Signing in as a post, and what the tests need to know of the demo city, all read from its API. */
import { expect, type APIRequestContext, type Page } from "@playwright/test";

export interface Row {
  id: number;
  version: number;
  number: string;
  state: string;
  source: string;
  simulated: boolean;
  procedure: string;
  title: { zh: string; en: string };
}
export interface City {
  demo_password: string | null;
  demo_accounts: { login: string; name: string; roles: string[]; organisation: { zh: string; en: string } }[];
  categories: Record<string, { label: { zh: string } }>;
  centre: [number, number];
}

export async function cityOf(request: APIRequestContext): Promise<City> {
  return (await (await request.get("/api/v1/city")).json()) as City;
}

/** The demo account that holds a role; of several units, the one whose name is given. */
export async function loginOf(request: APIRequestContext, role: string, unit?: string): Promise<string> {
  const city = await cityOf(request);
  const held = city.demo_accounts.filter((account) => account.roles.some((name) => name.split(".").pop() === role));
  const found = unit ? held.find((account) => account.organisation.zh === unit) : held[0];
  expect(found, `a demo account with the role ${role}`).toBeTruthy();
  return found?.login ?? "";
}

/** Leaves whatever session there is and enters by one click on the post's card. */
export async function enter(page: Page, login: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto("/login");
  await page.locator(`button[data-login="${login}"]`).click();
  await expect(page).toHaveURL(/\/(situation|desk)/);
}

export async function read<T>(page: Page, path: string): Promise<T> {
  const answer = await page.request.get(`/api/v1${path}`);
  expect(answer.ok(), `${path} answers ${answer.status()}`).toBe(true);
  return (await answer.json()) as T;
}

/** A case to look at: the newest there is, or one that is opened for the purpose (at the start of a night there is none). */
export async function someCase(page: Page): Promise<Row> {
  const { rows } = await read<{ rows: Row[] }>(page, "/cases?sort=-opened&limit=1");
  if (rows[0]) return rows[0];
  const city = await cityOf(page.request);
  const key = Object.keys(city.categories).find((name) => name.startsWith("matter:")) ?? "";
  const [kind, code] = key.split(":");
  const { csrf } = await read<{ csrf: string }>(page, "/session");
  const answer = await page.request.post("/api/v1/cases", {
    data: { category: { kind, code }, source: "hotline", position: city.centre, position_text: "浏览器测试" },
    headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `test-${Date.now()}` },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()) as Row;
}
