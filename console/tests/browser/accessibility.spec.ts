/** Axe finds nothing on any page, light and dark, Chinese and English. */
import { expect, test } from "@playwright/test";
import { clean, fits } from "./axe";
import { enter, loginOf, read, someCase } from "./posts";

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

/** Pages of work beside the cases, by the post that opens them. */
const BESIDE = {
  administrator: ["/evaluation", "/city/responsibilities", "/city/census", "/city/interfaces", "/city/upper"],
  community_officer: ["/registers"],
  duty_chief: ["/handovers", "/messages"],
  commander: ["/plans"],
};
const SCREENS = [
  { language: "zh", theme: "light", width: 1440, height: 900 },
  { language: "en", theme: "dark", width: 1440, height: 900 },
  { language: "zh", theme: "dark", width: 390, height: 844 },
  { language: "en", theme: "light", width: 390, height: 844 },
];

for (const { width, height, ...look } of SCREENS) {
  test(`evaluation, handovers, registers, lists and faces, ${look.language}, ${width} wide`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.addInitScript((screen) => {
      localStorage.setItem("hutong.screen", JSON.stringify({ ...screen, large: false }));
    }, look);
    for (const [role, addresses] of Object.entries(BESIDE)) {
      await enter(page, await loginOf(page.request, role));
      for (const address of addresses) {
        await page.goto(address);
        await expect(page.locator("main h1").first()).toBeAttached();
        await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
        await expect(page.locator("main [role='alert']")).toHaveCount(0);
        await fits(page);
        await clean(page, `${address} ${look.language} ${width}`);
      }
    }
  });
}
