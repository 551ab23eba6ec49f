/** 受理员 opens a case for a caller, takes it from the simulated posts, accepts it, thinks better of it and takes that back. */
import { expect, test, type Page } from "@playwright/test";
import { still } from "./night";
import { enter, loginOf } from "./posts";

test("a call becomes a case, is accepted, and the acceptance is taken back", async ({ page, baseURL }) => {
  await still(baseURL, () => callAtTheDesk(page));
});

async function callAtTheDesk(page: Page): Promise<void> {
  await enter(page, await loginOf(page.request, "receptionist"));
  await page.goto("/desk?tab=all");
  await page.locator("button[data-new]").click();
  const form = page.locator("form[data-new-case]");
  await form.locator("button[type='submit']").click();
  await expect(form.getByRole("alert")).toContainText("类别");
  await form.locator("input[name='where']").fill("延安东路近西藏中路路口");
  await form.locator("input[name='what']").fill("垃圾");
  await form.locator("select[name='category']").selectOption({ index: 0 });
  await form.locator("input[name='phone']").fill("13800000000");
  await form.locator("button[type='submit']").click();
  await expect(page).toHaveURL(/\/desk\/cases\/\d+$/);
  await expect(page.locator("[aria-current='step']")).toHaveText("待受理");
  await page.locator("button[data-take]").click();
  await page.locator("button[data-action='accept']").click();
  await expect(page.locator("form[data-form='accept']")).toContainText("待核实");
  await page.locator("form[data-form='accept'] button[data-submit]").click();
  await expect(page.locator("[aria-current='step']")).toHaveText("待核实");
  await page.getByRole("button", { name: "撤销" }).first().click();
  await expect(page.locator("[aria-current='step']")).toHaveText("待受理");
}
