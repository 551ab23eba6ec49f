/** Hot topics beside the map, the model's page, and a project that links to its complaints. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { cityOf, enter, loginOf, read } from "./posts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SAID = ["广场舞音响太大，晚上十点还在跳", "楼下广场舞音响扰民，吵得睡不着", "又是广场舞，音响声音很大"];

async function clean(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`)).toEqual([]);
}

/** Three complaints about one thing, so that there is a topic at any hour of the night. */
async function complain(page: Page): Promise<void> {
  const city = await cityOf(page.request);
  const { csrf } = await read<{ csrf: string }>(page, "/session");
  for (const [n, text] of SAID.entries()) {
    const answer = await page.request.post("/api/v1/cases", {
      data: { category: { kind: "matter", code: "06028" }, source: "public", text, position: city.centre, position_text: "浏览器测试" },
      headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `topics-${n}-${Date.now()}` },
    });
    expect(answer.status(), await answer.text()).toBe(201);
  }
}

test("topics beside a map that holds them, and what one is made of", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await complain(page);
  const tile = page.waitForResponse((answer) => answer.url().includes("/tiles/base/") && answer.ok());
  await page.goto("/topics");
  const row = page.locator("[data-topics] li", { hasText: "广场舞" }).first();
  await expect(row).toBeVisible();
  await tile;
  await expect(page.locator(".maplibregl-canvas")).toBeVisible();
  await expect(page.locator("[data-map-ready='true']")).toHaveCount(1);
  await row.getByRole("button").click();
  await expect(page).toHaveURL(/id=\d+/);
  await expect(page.locator("section.detail tr[data-case]").first()).toBeVisible();
  await clean(page);
});

test("a project of a topic links to the complaints behind it", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await complain(page);
  await enter(page, await loginOf(page.request, "project_sponsor"));
  await page.goto("/topics");
  await page.locator("[data-topics] li", { hasText: "广场舞" }).first().getByRole("button").click();
  const project = page.locator("[data-project]");
  await expect(project.or(page.getByRole("link", { name: "已立题" }))).toBeVisible();
  if (await project.isVisible()) {
    await project.click();
    await page.getByLabel("立题理由").fill("反复投诉");
    await page.getByRole("button", { name: "立题", exact: true }).click();
  } else {
    await page.getByRole("link", { name: "已立题" }).click();
  }
  await expect(page).toHaveURL(/\/desk\/cases\/\d+/);
  const behind = page.locator("[data-topic-cases]");
  await expect(behind.locator("li a").first()).toBeVisible();
  await clean(page);
  await behind.locator("li a").first().click();
  await expect(page.locator("main")).toContainText("广场舞");
});

test("the model's page says what it is worth and that nothing is automatic here", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await page.goto("/city");
  await page.getByRole("link", { name: "智能分拨" }).click();
  await expect(page.locator("[data-triage] dl.facts")).toBeVisible();
  await expect(page.locator("[data-automatic]")).toContainText("全部由人员派单");
  await clean(page);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("[data-automatic]")).toContainText("people dispatch everything");
});

test("on a phone the list comes first and nothing is wider than the screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await enter(page, await loginOf(page.request, "duty_chief"));
  await complain(page);
  for (const address of ["/topics", "/city/triage"]) {
    await page.goto(address);
    await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
    await expect(page.locator("main h1").first()).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), address).toBeLessThanOrEqual(0);
    await clean(page);
  }
});
