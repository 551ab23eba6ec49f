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
