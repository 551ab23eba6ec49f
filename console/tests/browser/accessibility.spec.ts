/** Axe finds nothing on any page, light and dark, Chinese and English. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { enter, loginOf, read, someCase } from "./posts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function clean(page: Page, what: string): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const told = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
  expect(told, what).toEqual([]);
}

test("login", async ({ page }) => {
  await page.goto("/login");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await clean(page, "login");
});

for (const theme of ["light", "dark"] as const) {
  test(`pages, ${theme}`, async ({ page }) => {
    await page.addInitScript((name) => {
      localStorage.setItem("hutong.screen", JSON.stringify({ theme: name, language: name === "dark" ? "en" : "zh", large: false }));
    }, theme);
    await enter(page, await loginOf(page.request, "duty_chief"));
    const { id } = await someCase(page);
    const { rows } = await read<{ rows: { id: number; thing: { id: number } }[] }>(page, "/streams?property=drainage.ponding&limit=1");
    const pages = [
      "/situation", "/desk?tab=warnings", "/desk?tab=mine", "/desk?tab=all", "/city", "/city/rules", "/city/procedures", "/city/procedures/urban.case?action=feed_back&state=handling", `/desk/cases/${id}`, "/things",
      `/things/${rows[0]?.thing.id}`, `/streams/${rows[0]?.id}`,
    ];
    for (const address of pages) {
      await page.goto(address);
      await expect(page.locator("main h1").first()).toBeAttached();
      await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
      await clean(page, `${address} ${theme}`);
    }
  });
}
