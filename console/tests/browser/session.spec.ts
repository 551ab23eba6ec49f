/** A session that ends elsewhere: the console leads to the sign-in page and back to where one was. */
import { expect, test } from "@playwright/test";
import { enter, loginOf } from "./posts";

test("a lost session leads to the sign-in page and back", async ({ page }) => {
  const login = await loginOf(page.request, "duty_chief");
  await enter(page, login);
  await page.goto("/desk?tab=mine");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.context().clearCookies();
  await page.locator("nav.tabs a").last().click();
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.locator(`button[data-login="${login}"]`).click();
  await expect(page).toHaveURL(/\/desk\?tab=all/);
});
