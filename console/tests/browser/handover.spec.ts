/** 交接班: one who goes drafts, adds a note and signs; one who comes reads it, confirms, and then it is locked; it prints. */
import { expect, test, type Page } from "@playwright/test";
import { clean } from "./axe";
import { cityOf, enter } from "./posts";

/** Two people of one desk. */
async function pair(page: Page): Promise<[string, string]> {
  const { demo_accounts: all } = await cityOf(page.request);
  const held = all.filter((one) => one.roles.some((name) => name.split(".").pop() === "seat"));
  expect(held.length, "two at the call desk").toBeGreaterThan(1);
  return [held[0]?.login ?? "", held[1]?.login ?? ""];
}

test("a shift is handed over by one signature and taken over by another", async ({ page }) => {
  const [goes, comes] = await pair(page);
  const note = `两位来电人要求今晚回电 ${Date.now()}`;
  await enter(page, goes);
  await page.goto("/handovers");
  await page.getByRole("button", { name: /^提前交班/ }).first().click();
  await expect(page).toHaveURL(/\/handovers\/\d+$/);
  const address = new URL(page.url()).pathname;
  const state = page.locator("main h1 .tag");
  await expect(state).toHaveText("待交班");
  await expect(page.getByRole("heading", { name: "在办案卷" })).toBeVisible();
  await page.getByLabel("交班人补充").fill(note);
  await page.getByRole("button", { name: "保存补充" }).click();
  await expect(page.getByRole("button", { name: "保存补充" })).toBeDisabled();
  await page.reload();
  await expect(page.getByLabel("交班人补充")).toHaveValue(note);
  await clean(page, "a sheet to sign");
  await page.getByRole("button", { name: "签字交班" }).click();
  await expect(state).toHaveText("待接班");
  await expect(page.getByText("等待下一班的人确认。")).toBeVisible();
  await expect(page.getByRole("button", { name: "确认接班" })).toHaveCount(0);

  await enter(page, comes);
  await page.goto("/handovers");
  await page.locator(`a[href="${address}"]`).click();
  await expect(page.getByText(note)).toBeVisible();
  await page.getByLabel(/^接班意见/).fill("已知悉");
  await page.getByRole("button", { name: "确认接班" }).click();
  await expect(state).toHaveText("已交接");
  await expect(page.getByText("双方已签字，不能再改。")).toBeVisible();
  await expect(page.getByText(/^交班：/)).toBeVisible();
  await expect(page.getByText(/^接班：.*已知悉/)).toBeVisible();
  await expect(page.locator("main textarea")).toHaveCount(0);
  await clean(page, "a sheet taken over");
});

test("a sheet prints without the buttons, its notes and signatures whole", async ({ page }) => {
  const [goes] = await pair(page);
  await page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute("data-printed", "yes");
  });
  await enter(page, goes);
  await page.goto("/handovers");
  await page.getByRole("button", { name: /^提前交班/ }).first().click();
  await expect(page).toHaveURL(/\/handovers\/\d+$/);
  await page.getByLabel("交班人补充").fill("打印测试");
  await page.getByRole("button", { name: "打印" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-printed", "yes");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "打印" })).toBeHidden();
  await expect(page.getByRole("button", { name: "签字交班" })).toBeHidden();
  await expect(page.locator("body > * header nav").first()).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.length).toBeGreaterThan(5_000);
});
