/** On a phone: nothing is wider than the screen, targets are large enough for a thumb, the desk and the map work. */
import { expect, test } from "@playwright/test";
import { fits } from "./axe";
import { enter, loginOf, someCase } from "./posts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

test("desk, case and situation fit a phone", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await expect(page.locator(".maplibregl-canvas")).toBeVisible();
  await fits(page);
  for (const tab of ["warnings", "mine", "all"]) {
    await page.goto(`/desk?tab=${tab}`);
    await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
    await fits(page);
  }
  const { id } = await someCase(page);
  await page.goto(`/desk/cases/${id}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await fits(page);
});

test("the navigation is at the thumb and its targets are large", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  const links = page.locator("header nav > a:visible");
  await expect(links).toHaveCount(4);
  for (const link of await links.all()) {
    const box = await link.boundingBox();
    expect(box?.height ?? 0).toBeGreaterThanOrEqual(48);
    expect(box?.y ?? 0).toBeGreaterThan(700);
  }
  await links.nth(1).tap();
  await expect(page).toHaveURL(/\/desk/);
});
