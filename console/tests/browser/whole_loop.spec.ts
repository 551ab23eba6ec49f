/**
 * One complaint all the way: a call, the class that triage suggests, a 案卷, verified, dispatched, done on a phone, checked,
 * closed; the caller is answered and called back, says 未解决, and the order is handled again though the 案卷 stays closed.
 */
import { expect, test, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { still } from "./night";
import { callBack, ordered } from "./orders";
import { phone } from "./phones";
import { photo } from "./photo";
import { enter, loginOf, read, type Row } from "./posts";

interface Whole extends Row {
  rounds: number;
  ending: string;
  main: { id: number; number: string } | null;
  organisation: { id: number; label: { zh: string } } | null;
  timeline: { action: string }[];
}

async function openCase(page: Page, id: number): Promise<void> {
  await page.goto(`/desk/cases/${id}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

async function act(page: Page, action: string, fill: (form: ReturnType<Page["locator"]>) => Promise<void> = async () => undefined): Promise<void> {
  await page.locator(`button[data-action="${action}"]`).click();
  const form = page.locator(`form[data-form="${action}"]`);
  await expect(form).toBeVisible();
  await fill(form);
  await form.locator("button[data-submit]").click();
  await expect(form).toHaveCount(0);
}

/** A task among whatever else waits for the person: by its number. */
async function openTask(page: Page, row: Row): Promise<void> {
  const task = page.locator(`button[data-task='${row.id}']`);
  const search = page.locator("input[name='task']");
  await expect(search.or(task).first()).toBeVisible();
  if (await search.isVisible()) {
    await search.fill(row.number);
    await search.press("Enter");
  }
  await task.tap();
}

async function pocket(browser: Browser, base: string, login: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    baseURL: base, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, permissions: ["geolocation"], locale: "zh-CN",
  });
  const page = await context.newPage();
  await phone(page, login);
  return { context, page };
}

/** An action of a task on the phone, with the photos it wants. */
async function onPhone(page: Page, id: number, action: string, roles: string[], text: Record<string, string> = {}): Promise<void> {
  await page.locator(`button[data-action='${action}']`).tap();
  const form = page.locator(`form[data-form='${action}']`);
  for (const [name, value] of Object.entries(text)) await form.locator(`textarea[name='${name}']`).fill(value);
  for (const role of roles) await form.locator(`input[name='${role}']`).setInputFiles(await photo(page, `${action}-${role}.jpg`, false));
  if (roles.length) await expect(form.locator("[data-got='yes']")).toHaveCount(roles.length);
  await form.locator("button[data-submit]").tap();
  const done = async () => (await read<Whole>(page, `/cases/${id}`)).timeline.some((entry) => entry.action === action);
  await expect.poll(done, { timeout: 60_000 }).toBe(true);
}

test("call, triage, dispatch, field, check, 结案, 回访, and again by 未解决", async ({ page, browser, baseURL }) => {
  test.setTimeout(400_000);
  await still(baseURL, () => loop(page, browser, baseURL ?? ""));
});

async function loop(page: Page, browser: Browser, base: string): Promise<void> {
  // 坐席: the call, in the caller's words; the class is the one that triage suggests.
  await enter(page, await loginOf(page.request, "seat"));
  await page.goto("/seat");
  await expect(page.getByLabel("来电号码")).toBeVisible();
  await page.keyboard.press("F2");
  await page.keyboard.type(`137${String(Date.now()).slice(-8)}`);
  await page.keyboard.press("Enter");
  await expect(page.getByText("通话中", { exact: true })).toBeVisible();
  await page.getByLabel("诉求内容").fill("路边的井盖破了一个大洞，晚上走路差点掉下去，请赶快来修");
  await page.locator("[data-triage] [data-use]").first().click();
  await page.keyboard.press("Control+Enter");
  const order = await ordered<Whole>(page);
  expect(order.state).toBe("to_dispatch");

  // It becomes a 案卷: the order waits with its own number, clock and caller.
  await openCase(page, order.id);
  await act(page, "raise_case", async (form) => {
    await form.getByRole("searchbox").fill("雨水井盖");
    await form.locator("select[name='raised']").selectOption("matter:01003");
  });
  const joined = await read<Whole>(page, `/cases/${order.id}`);
  const id = joined.main?.id ?? 0;
  const main = await read<Whole>(page, `/cases/${id}`);
  expect(joined.state).toBe("joining");
  expect(id).toBeGreaterThan(0);

  // 受理, 核实 on the spot, 立案, 派遣.
  await enter(page, await loginOf(page.request, "receptionist"));
  await openCase(page, id);
  await act(page, "accept");
  const collector = await pocket(browser, base, await loginOf(page.request, "collector"));
  await openTask(collector.page, main);
  await onPhone(collector.page, id, "verify_exists", ["near", "far"]);
  await enter(page, await loginOf(page.request, "duty_chief"));
  await openCase(page, id);
  await act(page, "file");
  await enter(page, await loginOf(page.request, "dispatcher"));
  await openCase(page, id);
  await act(page, "dispatch", async (form) => {
    await form.locator("select[name='organisation']").selectOption({ label: "排水管理所（演示）" });
  });

  // 处置 on a phone, with photos at the same angle; 核查 by the collector; 结案.
  const handler = await pocket(browser, base, await loginOf(page.request, "handler", "排水管理所（演示）"));
  await openTask(handler.page, main);
  await onPhone(handler.page, id, "take", []);
  await onPhone(handler.page, id, "arrive", []);
  await onPhone(handler.page, id, "feed_back", ["near", "far"], { result: "已更换井盖" });
  await handler.context.close();
  await collector.page.reload();
  await openTask(collector.page, main);
  await onPhone(collector.page, id, "check_pass", ["near"]);
  await collector.context.close();
  await enter(page, await loginOf(page.request, "duty_chief"));
  await openCase(page, id);
  await act(page, "close");
  expect(await read<Whole>(page, `/cases/${id}`)).toMatchObject({ state: "closed", ending: "closed" });

  // The order goes on: answered by the centre, called back by another, and handled again.
  await enter(page, await loginOf(page.request, "seat"));
  await openCase(page, order.id);
  await act(page, "answer_joined", (form) => form.locator("textarea[name='answer']").fill("井盖已更换，感谢您的反映。"));
  await enter(page, await loginOf(page.request, "visitor"));
  const form = await callBack(page, order);
  await form.locator("input[name=reached]").first().check();
  await form.locator("input[name=contacted]").first().check();
  await form.locator("input[name=solved]").last().check();
  await form.getByLabel("不满意", { exact: true }).check();
  await form.getByRole("button", { name: "提交" }).click();
  await expect(page.getByText("未解决，已转二次办理")).toBeVisible();
  expect(await read<Whole>(page, `/cases/${order.id}`)).toMatchObject({ state: "to_dispatch", rounds: 1, number: order.number });
  expect((await read<Whole>(page, `/cases/${id}`)).state).toBe("closed");
}
