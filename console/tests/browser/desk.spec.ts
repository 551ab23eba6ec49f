/** The desk by keyboard, its filters in the address, both languages whole. */
import { expect, test } from "@playwright/test";
import { enter, loginOf, someCase } from "./posts";

test("filters live in the address and survive a reload", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  const { number } = await someCase(page);
  await page.goto("/desk?tab=all");
  await page.getByRole("searchbox", { name: "编号、标题或地址" }).fill(number);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`q=${number}`));
  await page.getByLabel("只看未结").check();
  await expect(page).toHaveURL(/open=true/);
  await page.reload();
  await expect(page.getByRole("searchbox", { name: "编号、标题或地址" })).toHaveValue(number);
  await expect(page.getByLabel("只看未结")).toBeChecked();
  await page.getByRole("button", { name: "清除筛选" }).first().click();
  await expect(page).not.toHaveURL(/q=/);
});

test("rows open by keyboard", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await someCase(page);
  await page.goto("/desk?tab=all");
  await expect(page.locator("tr[data-case]").first()).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "快捷键" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = await page.locator("tr[data-at='true']").getAttribute("data-case");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/desk/cases/${first}$`));
});

test("English leaves no Chinese word of the console's own on the page", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  for (const address of ["/desk?tab=mine", "/desk?tab=all", "/desk?tab=warnings", "/city", "/city/rules", "/city/procedures", "/city/procedures/urban.case", "/things"]) {
    await page.goto(address);
    await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
    const words = await page.locator("main :is(h1, h3, th, dt, label, nav a, .button)").allInnerTexts();
    const chinese = words.filter((text) => /[\u4e00-\u9fff]/.test(text));
    expect(chinese, address).toEqual([]);
  }
});
