/** The call desk: a call becomes an order, is answered, and comes back when the caller finds it unsolved. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { still } from "./night";
import { callBack, ordered } from "./orders";
import { cityOf, enter, loginOf, read } from "./posts";

interface Order { id: number; number: string; state: string; rounds: number }

const number = () => `139${String(Date.now()).slice(-8)}`;

async function act(page: Page, id: number, action: string, answers: Record<string, unknown> = {}): Promise<void> {
  const { csrf } = await read<{ csrf: string }>(page, "/session");
  const answer = await page.request.post(`/api/v1/cases/${id}/actions/${action}`, { data: { answers }, headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `${id}-${action}-${Date.now()}` } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

async function called(page: Page, phone: string, text: string): Promise<void> {
  await enter(page, await loginOf(page.request, "seat"));
  await page.goto("/seat");
  await expect(page.getByLabel("来电号码")).toBeVisible();
  await page.keyboard.press("F2");
  await page.keyboard.type(phone);
  await page.keyboard.press("Enter");
  await expect(page.getByText("通话中", { exact: true })).toBeVisible();
  await page.getByLabel("投诉").check();
  await page.keyboard.press("F4");
  await page.keyboard.type(text);
}

test("a call becomes one order by keyboard, and the draft survives a reload", async ({ page }) => {
  const text = `健身房关门不退费${Date.now()}`;
  await called(page, number(), text);
  await page.reload();
  await expect(page.getByLabel("诉求内容")).toHaveValue(text);
  await page.getByLabel("归口分类").fill("预付卡");
  await page.keyboard.press("Enter");
  await page.getByLabel("诉求内容").focus();
  await page.keyboard.press("Control+Enter");
  const order = await ordered<Order>(page);
  await expect(page.getByLabel("诉求内容")).toHaveValue("");
  const { rows } = await read<{ rows: Order[] }>(page, `/cases?procedure=hotline.order&q=${text}`);
  expect(rows.map((row) => row.number)).toEqual([order.number]);
});

test("a question is answered from the knowledge base and the caller is known the next time", async ({ page }) => {
  const phone = number();
  await called(page, phone, "路口积水怎么走");
  await page.getByLabel("归口分类").fill("道路积水");
  await page.keyboard.press("Enter");
  await page.keyboard.press("F8");
  await page.keyboard.type("涉水");
  await page.locator("details[data-article] summary").first().click();
  await page.getByRole("button", { name: "用此答复" }).click();
  await page.locator("[data-do]").click();
  await expect(page.getByText(/已登记工单 RX/)).toBeVisible();
  await page.getByRole("button", { name: "结束通话" }).click();
  await page.getByLabel("来电号码").fill(phone);
  await page.getByRole("button", { name: "只查询" }).click();
  await expect(page.locator("[data-caller]")).toContainText("道路积水");
  await expect(page.locator("[data-caller]")).toContainText("直接答复办结");
});

test("未解决 comes back to be dispatched again", async ({ page, baseURL }) => {
  await still(baseURL, () => unsolved(page));
});

async function unsolved(page: Page): Promise<void> {
  await called(page, number(), "过期食品仍在售卖");
  await page.getByLabel("归口分类").fill("过期变质");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "派单", exact: true }).click();
  await page.getByLabel("主办单位").selectOption({ label: "市场监管所（演示）" });
  await page.locator("[data-do]").click();
  const order = await ordered<Order>(page);
  await enter(page, await loginOf(page.request, "order_handler", "市场监管所（演示）"));
  await act(page, order.id, "sign");
  await page.goto(`/desk/cases/${order.id}`);
  await page.getByRole("button", { name: "查看号码（留痕）" }).click();
  await expect(page.locator("[data-number]")).toContainText("139");
  await act(page, order.id, "contact", { contacted: "reached" });
  await act(page, order.id, "reply", { result: "已检查", answer: "已责令下架", solved: "solved" });
  await enter(page, await loginOf(page.request, "hotline_chief"));
  await act(page, order.id, "audit_pass");
  await enter(page, await loginOf(page.request, "visitor"));
  const form = await callBack(page, order);
  await form.getByRole("button", { name: "查看号码（留痕）" }).click();
  await expect(form.locator("[data-number]")).toContainText("139");
  await form.locator("input[name=reached]").first().check();
  await form.locator("input[name=contacted]").first().check();
  await form.locator("input[name=solved]").last().check();
  await form.getByLabel("不满意", { exact: true }).check();
  await form.getByRole("button", { name: "提交" }).click();
  await expect(page.getByText("未解决，已转二次办理")).toBeVisible();
  const again = await read<Order>(page, `/cases/${order.id}`);
  expect(again).toMatchObject({ state: "to_dispatch", rounds: 1 });
}

test("a queue longer than its first page is counted, paged to its end and searched", async ({ page, baseURL }) => {
  await still(baseURL, () => longQueue(page));
});

async function longQueue(page: Page): Promise<void> {
  await enter(page, await loginOf(page.request, "seat"));
  const made: Order[] = [];
  const { categories } = await cityOf(page.request);
  const code = Object.keys(categories).find((name) => name.startsWith("hotline:"))?.split(":")[1];
  const { csrf } = await read<{ csrf: string }>(page, "/session");
  for (let n = 0; n < 32; n++) {
    const answer = await page.request.post("/api/v1/orders", {
      data: { number: number(), demand: "help", code, text: `排队${n}`, position_text: `${n} 号`, then: { does: "pass_on" } },
      headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `queue-${n}-${Date.now()}` },
    });
    expect(answer.status(), await answer.text()).toBe(201);
    made.push((await answer.json()) as Order);
  }
  await enter(page, await loginOf(page.request, "order_dispatcher"));
  await page.goto("/seat");
  const queue = page.locator("[data-queue]");
  const lines = queue.locator("[data-order]");
  await expect(lines).toHaveCount(30);
  const total = Number((await queue.locator("[data-total]").innerText()).replace(/\D/g, ""));
  expect(total).toBeGreaterThanOrEqual(32);
  const more = queue.locator("[data-more]");
  while (await more.isVisible()) {
    const before = await lines.count();
    await more.click();
    await expect.poll(() => lines.count()).toBeGreaterThan(before);
  }
  await expect(lines).toHaveCount(total);
  const last = made.at(-1) as Order;
  await expect(queue.locator(`[data-order="${last.id}"]`)).toHaveCount(1);
  await queue.getByRole("searchbox").fill(last.number);
  await page.keyboard.press("Enter");
  await expect(lines).toHaveCount(1);
  await expect(page).toHaveURL(new RegExp(`q=${last.number}`));
  await page.reload();
  await expect(queue.locator(`[data-order="${last.id}"]`)).toHaveCount(1);
  await queue.getByRole("searchbox").fill("没有这样的工单");
  await page.keyboard.press("Enter");
  await expect(queue.getByText("这里没有符合")).toBeVisible();
  await queue.getByRole("button", { name: "清除查找" }).click();
  await expect(lines).toHaveCount(30);
}

test("the call desk and the knowledge base are accessible, wide and on a phone, in both languages", async ({ page }) => {
  await enter(page, await loginOf(page.request, "seat"));
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    for (const address of ["/seat", "/knowledge"]) {
      await page.goto(address);
      await expect(page.locator("h1")).toHaveCount(1);
      const found = await new AxeBuilder({ page }).include("main").withTags(["wcag2a", "wcag2aa", "wcag21aa"]).analyze();
      expect(found.violations.map((one) => one.id), address).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth || window.innerWidth > 720), address).toBe(true);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("button", { name: "English" }).click();
  for (const address of ["/seat", "/knowledge"]) {
    await page.goto(address);
    await expect(page.locator("main :is(h1, h2)").first()).toBeAttached();
    const words = await page.locator("main :is(h1, h2, h3, legend, label, .button)").allInnerTexts();
    expect(words.filter((text) => /[\u4e00-\u9fff]/.test(text)), address).toEqual([]);
  }
});
