/** The console needs no other host, and the content security policy has nothing to complain about. */
import { expect, test } from "@playwright/test";
import { enter, loginOf, someCase } from "./posts";

test("no request leaves the server, nothing breaks the content security policy", async ({ page, baseURL }) => {
  const foreign: string[] = [];
  const faults: string[] = [];
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== new URL(baseURL ?? "").origin) foreign.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("401")) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  await enter(page, await loginOf(page.request, "duty_chief"));
  await expect(page.locator(".maplibregl-canvas")).toBeVisible();
  await page.waitForLoadState("load");
  const { id } = await someCase(page);
  for (const address of ["/desk?tab=warnings", "/desk?tab=all", "/city", `/desk/cases/${id}`]) {
    await page.goto(address);
    await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
  }
  expect(foreign).toEqual([]);
  expect(faults).toEqual([]);
});

test("the first page is useful with less than 300 kB of script", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await page.goto("/desk?tab=all");
  await expect(page.locator("main table, main .empty")).toBeVisible();
  const total = await page.evaluate(() => {
    const files = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return files.filter((file) => file.name.endsWith(".js")).reduce((sum, file) => sum + file.decodedBodySize, 0);
  });
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(300_000);
});
