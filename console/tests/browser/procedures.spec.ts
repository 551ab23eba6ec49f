/** Procedures as graphs, and one action on many cases. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { cityOf, enter, loginOf, read } from "./posts";

/** A public report of this test, which no simulated post looks after. */
async function reported(page: Page, text: string): Promise<{ id: number; number: string }> {
  const city = await cityOf(page.request);
  const { csrf } = await read<{ csrf: string }>(page, "/session");
  const answer = await page.request.post("/api/v1/cases", {
    data: { category: { kind: "matter", code: "06010" }, source: "public", title: text, position: city.centre, position_text: "浏览器测试" },
    headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `report-${Date.now()}` },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  const row = (await answer.json()) as { id: number; number: string };
  const taken = await page.request.post(`/api/v1/cases/${row.id}/take`, { data: {}, headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `take-${row.id}` } });
  expect(taken.ok(), await taken.text()).toBe(true);
  return row;
}

async function clean(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`)).toEqual([]);
}

test("a procedure is a graph whose actions say who, when and with what proof", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await page.goto("/city/procedures");
  await page.getByRole("link", { name: "城市管理案卷" }).click();
  const graph = page.getByRole("group", { name: "流程图" });
  await graph.getByRole("button", { name: /^处置中: 反馈 →/ }).click();
  await expect(page.getByRole("heading", { name: "反馈" })).toBeVisible();
  await expect(page.locator(".aside")).toContainText("处置部门（处置方）");
  await expect(page.locator(".aside")).toContainText("处置 · 停止计时");
  await expect(page).toHaveURL(/action=feed_back&state=handling/);
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".aside h2")).toHaveText("退单");
  expect(await graph.locator("path.line.on").count()).toBe(1);
  await clean(page);
});

test("several cases are handled with one form, each with its own result", async ({ page }) => {
  await enter(page, await loginOf(page.request, "receptionist"));
  const text = `批量${Date.now() % 100_000}`;
  const first = await reported(page, text);
  const second = await reported(page, text);
  await page.goto(`/desk?tab=all&q=${text}`);
  await expect(page.locator("tr[data-case]")).toHaveCount(2);
  await page.getByRole("checkbox", { name: "全选本页" }).check();
  const bar = page.getByRole("region", { name: "批量办理" });
  await expect(bar).toContainText("已选 2 件");
  await bar.getByLabel("选择动作").selectOption({ label: "受理（2 件可办）" });
  await clean(page);
  await bar.getByRole("button", { name: "办理 2 件" }).click();
  await expect(bar.getByRole("status")).toHaveText("2 件已办理，0 件未办理");
  await expect(bar).toContainText("已办理，现为「待核实」");
  await bar.getByRole("button", { name: "关闭结果" }).click();
  for (const { id } of [first, second]) expect((await read<{ state: string }>(page, `/cases/${id}`)).state).toBe("to_verify");
  await page.keyboard.press("x");
  await expect(bar).toContainText("已选 1 件");
});
