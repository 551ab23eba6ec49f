/** 预案: started from the dialog with its consequences in sight, confirmed by those who are called, raised, and ended. */
import { expect, test, type Browser, type Locator, type Page } from "@playwright/test";
import { clean } from "./axe";
import { still } from "./night";
import { cityOf, enter, loginOf, read } from "./posts";

/** The simulated duty chief of the demo, whom every level from III up calls first. */
const CALLED = "sim-zhiban";

interface Response { id: number; level: number; ended: string | null; callings: { post: string; state: string; channel: string }[]; mode: { state: string } | null }

/** A response that the night itself has started is ended first: a plan runs once. */
async function endWhatRuns(page: Page): Promise<void> {
  const { rows } = await read<{ rows: { running: number | null }[] }>(page, "/plans");
  if (rows.some((one) => one.running !== null)) await end(page, "让位给测试");
}

async function end(page: Page, reason: string): Promise<Locator> {
  await page.getByRole("button", { name: "终止响应" }).click();
  const form = page.getByRole("dialog", { name: /^终止响应/ });
  await expect(form.getByRole("region", { name: "终止后将恢复" })).toBeVisible();
  await form.getByLabel("理由").fill(reason);
  const drop = form.getByRole("checkbox");
  if (await drop.isVisible()) {
    await expect(form.getByRole("button", { name: "确认终止" })).toBeDisabled();
    await drop.check();
  }
  await form.getByRole("button", { name: "确认终止" }).click();
  await expect(form).toHaveCount(0);
  return page.getByRole("region", { name: "正在响应" });
}

/** One who is called signs in elsewhere, is asked at once, and confirms. */
async function hear(browser: Browser, base: string, login: string): Promise<void> {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 390, height: 844 }, locale: "zh-CN" });
  const page = await context.newPage();
  const { demo_password: password } = await cityOf(page.request);
  await page.request.post("/api/v1/session", { data: { login, password } });
  await page.goto("/messages");
  const asked = page.getByRole("region", { name: "请确认收到" });
  await expect(asked).toContainText("防汛排涝应急预案");
  await clean(page, "asked to confirm");
  await asked.getByRole("button", { name: "确认收到" }).click();
  await expect(asked).toHaveCount(0);
  await context.close();
}

test("a response is started, heard, raised and ended", async ({ page, browser, baseURL }) => {
  test.setTimeout(240_000);
  await still(baseURL, () => respond(page, browser, baseURL ?? ""));
});

async function respond(page: Page, browser: Browser, base: string): Promise<void> {
  await enter(page, await loginOf(page.request, "commander"));
  await page.goto("/plans");
  const plan = page.getByRole("region", { name: "预案", exact: true });
  await expect(plan.getByText("防汛排涝应急预案")).toBeVisible();
  await endWhatRuns(page);

  // The dialog says what will happen, for the level that is chosen.
  await plan.getByRole("button", { name: "启动响应" }).click();
  const start = page.getByRole("dialog", { name: /^启动响应/ });
  const ahead = start.getByRole("region", { name: "启动后将会" });
  await start.getByLabel("应急响应级别").selectOption({ label: "三级响应" });
  await expect(ahead).toContainText("转入「防汛战时」");
  await expect(ahead).toContainText("移动泵车");
  await start.getByLabel("应急响应级别").selectOption({ label: "四级响应" });
  await expect(ahead).toContainText("巡查雨水泵站");
  await expect(ahead).toContainText("不改变时限、值班和权限");
  await expect(ahead).toContainText("防汛值班");
  await clean(page, "the start of a response");
  await start.getByLabel("理由").fill("");
  await start.getByRole("button", { name: "确认启动" }).click();
  await expect(start.getByRole("alert")).toHaveText("请写明理由");
  await start.getByLabel("理由").fill("橙色雨量，先行值守。");
  await start.getByRole("button", { name: "确认启动" }).click();
  await expect(page).toHaveURL(/response=\d+/);
  const id = Number(new URL(page.url()).searchParams.get("response"));
  const board = page.getByRole("region", { name: "叫应板" });
  const row = (post: string) => board.getByRole("row", { name: new RegExp(post) });
  await expect(row("防汛值班")).toContainText("等待确认");

  // Answered by telephone: the commander notes it.
  await row("防汛值班").getByRole("button", { name: "电话已应答" }).click();
  await expect(row("防汛值班")).toContainText("代记（电话）");

  // Raised: what that changes is told before, and shown after.
  await page.getByRole("button", { name: "调整级别" }).click();
  const change = page.getByRole("dialog", { name: /^调整响应/ });
  await change.getByLabel("应急响应级别").selectOption({ label: "三级响应" });
  await expect(change.getByRole("region", { name: "启动后将会" })).toContainText("泵车驻守下立交");
  const short = change.getByRole("checkbox");
  if (await short.isVisible()) await short.check();
  await change.getByLabel("理由").fill("一小时内多处积水。");
  await change.getByRole("button", { name: "确认调整" }).click();
  await expect(change).toHaveCount(0);
  await expect(page.getByRole("region", { name: "平战转换" })).toContainText("防汛战时");
  await expect(page.getByRole("region", { name: "任务" })).toContainText("泵车驻守下立交");
  await expect(row("值班长")).toContainText("等待确认");
  await hear(browser, base, CALLED);
  await expect(row("值班长")).toContainText("已确认");
  expect(await read<Response>(page, `/responses/${id}`)).toMatchObject({ level: 3, ended: null });
  await clean(page, "a running response");

  // Ended: what is switched back is told before, and is so after.
  const after = await end(page, "雨停，积水已退。");
  await expect(after).toContainText("雨停，积水已退。");
  const ended = await read<Response>(page, `/responses/${id}`);
  expect(ended.ended).not.toBeNull();
  expect(ended.callings.find((one) => one.post === "duty_chief")).toMatchObject({ state: "confirmed", channel: "console" });
  expect(ended.callings.find((one) => one.post === "road_duty")?.state).toBe("dropped");
  await expect(page.getByRole("region", { name: "全部响应" }).getByRole("button").first()).toHaveAttribute("aria-current", "true");
  await expect(plan.getByRole("button", { name: "启动响应" })).toBeVisible();
}
