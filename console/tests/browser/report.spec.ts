/** The public page on a phone, without an account: reported, followed, and seen by a second person. */
import { expect, test, type Browser, type Page } from "@playwright/test";
import { clean, fits } from "./axe";
import { Desk } from "./phones";
import { photo } from "./photo";
import { cityOf, loginOf } from "./posts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
test.use(PHONE);

/** A page of somebody else's phone, in a language. */
async function phoneOf(browser: Browser, language: "zh" | "en", at: [number, number] | null): Promise<Page> {
  const context = await browser.newContext({ ...PHONE, locale: "zh-CN", timezoneId: "Asia/Shanghai", permissions: at ? ["geolocation"] : [] });
  if (at) await context.setGeolocation({ longitude: at[0], latitude: at[1], accuracy: 8 });
  await context.addInitScript((name) => {
    localStorage.setItem("hutong.screen", JSON.stringify({ language: name, theme: "light", large: false }));
  }, language);
  return context.newPage();
}

async function seen(page: Page, what: string): Promise<void> {
  await fits(page);
  await clean(page, what);
}

test("place, problem, photo, number; a second person sees it too; the desk sees both", async ({ page, browser }) => {
  const { centre } = await cityOf(page.request);
  /** Somewhere of its own each time, so that earlier reports are not the nearest. */
  const at: [number, number] = [centre[0] + Math.random() * 0.004 - 0.002, centre[1] + Math.random() * 0.004 - 0.002];

  const first = await phoneOf(browser, "en", at);
  await first.goto("/report");
  await expect(first.getByRole("heading", { name: "Where is the problem?" })).toBeVisible();
  await seen(first, "where");
  await first.getByRole("button", { name: "Use my location" }).tap();
  await expect(first.getByText(/^Chosen: /)).toBeVisible();
  await first.getByRole("button", { name: "Continue" }).tap();
  const matters = first.locator("section.step .grid button");
  const matter = (await matters.last().textContent())?.trim() ?? "";
  await matters.last().tap();
  await expect(first.getByText(`Chosen: ${matter}`)).toBeVisible();
  await seen(first, "what");
  await first.locator("p.line button.main").tap();
  await first.locator("input[name='photos']").setInputFiles(await photo(first, "street.jpg", true));
  await expect(first.locator("figure img")).toBeVisible();
  await first.locator("textarea[name='text']").fill("Seen from the bus stop");
  await seen(first, "details");
  await first.getByRole("button", { name: "Send" }).tap();
  const number = (await first.locator("[data-number]").textContent())?.trim() ?? "";
  expect(number).not.toBe("");
  await seen(first, "number");
  await first.getByRole("link", { name: "See progress" }).tap();
  await expect(first.getByText(number)).toBeVisible();
  await expect(first.locator("figure img")).toBeVisible();
  await expect(first.getByText(/neighbours reported it/)).toHaveCount(0);
  await seen(first, "progress");

  const second = await phoneOf(browser, "zh", at);
  await second.goto("/report");
  await second.getByRole("button", { name: "用我现在的位置" }).tap();
  await second.getByText(/^已选：/).waitFor();
  await second.getByRole("button", { name: "下一步" }).tap();
  await second.locator("section.step .grid button").last().tap();
  const near = second.locator(".near li").first();
  await near.getByRole("button", { name: "我也看到了" }).tap();
  await expect(near.getByText("谢谢，已经记上一笔：共 2 位邻居反映。")).toBeVisible();
  await seen(second, "seen too");
  await near.getByRole("link", { name: "看进度" }).tap();
  await expect(second.getByText("2 位邻居已报")).toBeVisible();
  await expect(second.locator("figure img")).toHaveCount(0);

  await first.reload();
  await expect(first.getByText("2 neighbours reported it")).toBeVisible();
  const desk = await Desk.of(new URL(first.url()).origin, await loginOf(page.request, "receptionist"));
  const found = await desk.get<{ rows: { id: number; number: string }[] }>(`/cases?q=${number}`);
  const row = found.rows.find((one) => one.number === number);
  const whole = await desk.get<{ public: { also: number }; text: string }>(`/cases/${row?.id}`);
  expect(whole.public.also).toBe(1);
  expect(whole.text).toBe("Seen from the bus stop");
  await first.context().close();
  await second.context().close();
});

test("an address in words will do, and a place is asked for", async ({ browser }) => {
  const page = await phoneOf(browser, "en", null);
  await page.goto("/report");
  await page.getByRole("button", { name: "Continue" }).tap();
  await expect(page.getByText("Tap the map, or write the address")).toBeVisible();
  await page.locator("input[name='address']").fill("Corner of two roads");
  await page.getByRole("button", { name: "Continue" }).tap();
  await expect(page.getByRole("heading", { name: "What is the problem?" })).toBeVisible();
  await page.context().close();
});
