/** The field page on a phone: without a network nothing is lost, and when it is back everything is sent once. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { fits } from "./axe";
import { still } from "./night";
import { Desk, phone, tab } from "./phones";
import { photo } from "./photo";
import { cityOf, loginOf, read, type Row } from "./posts";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, permissions: ["geolocation"] });

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Found extends Row {
  position_text: string;
}
interface Whole extends Found {
  files: { id: number; stage: string; role: string; same_angle_as: number | null; taken: string | null }[];
  facts: { device?: { done_at: string; position?: [number, number]; accuracy?: number | null } };
  timeline: { action: string; at: string; facts: { device?: { done_at: string; position?: [number, number] } } }[];
}

/** Photo, class, send: the three taps; the position comes by itself. */
async function report(page: Page, where: string): Promise<void> {
  await tab(page, "report");
  await page.locator("input[name='near']").setInputFiles(await photo(page, "near.jpg", true));
  await expect(page.locator("[data-photo='near'][data-got='yes']")).toBeVisible();
  await expect(page.locator("[data-located='yes']")).toBeVisible();
  await page.locator("button[data-class='matter:06010']").tap();
  const more = page.locator("form[data-report] details");
  if ((await more.getAttribute("open")) === null) await more.locator("summary").tap();
  await page.locator("input[name='address']").fill(where);
}

const unsent = (page: Page, n: number) => expect(page.locator(`header .badge[data-unsent='${n}']`)).toBeVisible();

async function reported(desk: Desk, where: string): Promise<Whole[]> {
  const { rows } = await desk.get<{ rows: Found[] }>("/cases?sort=-opened&limit=200");
  return Promise.all(rows.filter((row) => row.position_text === where).map((row) => desk.get<Whole>(`/cases/${row.id}`)));
}

test("a report made without a network arrives once, with its photo, also after a reload", async ({ page, baseURL }) => {
  const desk = await Desk.of(baseURL ?? "", await loginOf(page.request, "duty_chief"));
  const where = `离线上报 ${Date.now()}`;
  await phone(page, await loginOf(page.request, "collector"));
  await report(page, where);
  await page.context().setOffline(true);
  const before = Date.now();
  await page.locator("button[data-send]").dblclick();
  await unsent(page, 1);
  expect(await reported(desk, where)).toHaveLength(0);
  await page.reload();
  await unsent(page, 1);
  await tab(page, "outbox");
  await expect(page.locator("[data-item][data-state='waiting']")).toHaveCount(1);
  await page.context().setOffline(false);
  await unsent(page, 0);
  const found = await reported(desk, where);
  expect(found).toHaveLength(1);
  const [made] = found;
  expect(made?.files).toHaveLength(1);
  expect(made?.files[0]).toMatchObject({ stage: "report", role: "near" });
  expect(Math.abs(Date.parse(made?.facts.device?.done_at ?? "") - before)).toBeLessThan(10_000);
  expect(made?.facts.device?.accuracy).toBe(8);
});

test("a lost answer does not make a second case", async ({ page, baseURL }) => {
  const desk = await Desk.of(baseURL ?? "", await loginOf(page.request, "duty_chief"));
  const where = `答复丢失 ${Date.now()}`;
  await phone(page, await loginOf(page.request, "collector"));
  await report(page, where);
  let lost = 0;
  await page.route("**/api/v1/cases", async (route) => {
    if (route.request().method() !== "POST" || lost++) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.locator("button[data-send]").tap();
  await expect.poll(() => lost).toBe(1);
  await tab(page, "outbox");
  await page.getByRole("button", { name: "立即发送" }).tap();
  await unsent(page, 0);
  expect(await reported(desk, where)).toHaveLength(1);
});

test("a handler takes, arrives and feeds back, a collector checks, all on the phone", async ({ page, browser, baseURL }) => {
  test.setTimeout(240_000);
  const base = baseURL ?? "";
  const where = `现场处置 ${Date.now()}`;
  const collector = await loginOf(page.request, "collector");
  await phone(page, collector);
  await report(page, where);
  await page.locator("button[data-send]").tap();
  await expect(page.locator("[data-last='sent']")).toBeVisible();
  const chief = await Desk.of(base, await loginOf(page.request, "duty_chief"));
  const [made] = await reported(chief, where);
  const id = made?.id ?? 0;
  await chief.send("POST", `/cases/${id}/take`, {});
  await chief.send("POST", `/cases/${id}/actions/file`, { answers: {} });
  const handler = await loginOf(page.request, "handler", "排水管理所（演示）");
  const dispatcher = await Desk.of(base, await loginOf(page.request, "dispatcher"));
  const { rows } = await dispatcher.get<{ rows: { id: number; label: { zh: string } }[] }>("/organisations");
  const unit = rows.find((row) => row.label.zh === "排水管理所（演示）");
  await dispatcher.send("POST", `/cases/${id}/actions/dispatch`, { answers: { organisation: unit?.id } });

  const context = await browser.newContext({ baseURL: base, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, permissions: ["geolocation"], locale: "zh-CN" });
  const second = await context.newPage();
  await phone(second, handler);
  await second.locator(`button[data-task='${id}']`).tap();
  await context.setOffline(true);
  await second.locator("button[data-action='take']").tap();
  await second.locator("form[data-form='take'] button[data-submit]").tap();
  await second.locator("button[data-action='arrive']").tap();
  await second.locator("form[data-form='arrive'] button[data-submit]").tap();
  await second.locator("button[data-action='feed_back']").tap();
  const form = second.locator("form[data-form='feed_back']");
  await form.locator("textarea[name='result']").fill("已清理");
  await form.locator("input[name='near']").setInputFiles(await photo(second, "near.jpg", false));
  await form.locator("input[name='far']").setInputFiles(await photo(second, "far.jpg", false));
  await expect(form.locator("[data-got='yes']")).toHaveCount(2);
  await form.locator("button[data-submit]").tap();
  await expect(second.locator("header .badge[data-unsent='3']")).toHaveCount(1);
  await context.setOffline(false);
  await expect(second.locator("header .badge[data-unsent='0']")).toHaveCount(1, { timeout: 60_000 });
  const fed = await chief.get<Whole>(`/cases/${id}`);
  expect(fed.state).toBe("to_check");
  const near = fed.files.find((file) => file.stage === "report" && file.role === "near");
  expect(fed.files.find((file) => file.stage === "handle" && file.role === "near")?.same_angle_as).toBe(near?.id);
  expect(fed.timeline.find((entry) => entry.action === "arrive")?.facts.device?.position).toBeTruthy();
  await context.close();

  await tab(page, "tasks");
  await page.locator("button[data-refresh]").tap();
  await page.locator(`button[data-task='${id}']`).tap();
  await page.locator("button[data-action='check_pass']").tap();
  await page.locator("form[data-form='check_pass'] input[name='near']").setInputFiles(await photo(page, "check.jpg", false));
  await expect(page.locator("form[data-form='check_pass'] [data-got='yes']")).toBeVisible();
  await page.locator("form[data-form='check_pass'] button[data-submit]").tap();
  await expect.poll(async () => (await chief.get<Whole>(`/cases/${id}`)).state).toBe("to_close");
});

test("what is put right on the spot is reported, handled and shown in two photos", async ({ page, baseURL }) => {
  await still(baseURL, () => onTheSpot(page, baseURL ?? ""));
});

async function onTheSpot(page: Page, base: string): Promise<void> {
  const where = `自行处置 ${Date.now()}`;
  await phone(page, await loginOf(page.request, "collector"));
  await report(page, where);
  await page.locator("input[name='far']").setInputFiles(await photo(page, "far.jpg", true));
  await page.locator("button[data-send]").tap();
  await expect(page.locator("[data-last='sent']")).toBeVisible();
  await page.locator("button[data-go-on]").tap();
  await page.locator("button[data-action='self_handle']").tap();
  const form = page.locator("form[data-form='self_handle']");
  await form.locator("button[data-submit]").tap();
  await expect(form.getByRole("alert")).toContainText("还缺");
  for (const role of ["near", "far"]) await form.locator(`input[name='${role}']`).setInputFiles(await photo(page, `after-${role}.jpg`, false));
  await expect(form.locator("[data-got='yes']")).toHaveCount(2);
  await fits(page);
  await form.locator("button[data-submit]").tap();
  const chief = await Desk.of(base, await loginOf(page.request, "duty_chief"));
  await expect.poll(async () => (await reported(chief, where))[0]?.state, { timeout: 60_000 }).toBe("to_close");
  const [made] = await reported(chief, where);
  const roles = (stage: string) => (made?.files ?? []).filter((file) => file.stage === stage);
  expect(roles("handle").map((file) => file.role).sort()).toEqual(["far", "near"]);
  for (const after of roles("handle")) {
    expect(after.same_angle_as).toBe(roles("report").find((before) => before.role === after.role)?.id);
  }
  const id = made?.id ?? 0;
  await chief.send("POST", `/cases/${id}/actions/close`, { answers: {} });
  expect(await chief.get<{ ending: string }>(`/cases/${id}`)).toMatchObject({ state: "closed", ending: "self_handled" });
}

test("a task is found by its number among many", async ({ page, baseURL }) => {
  await still(baseURL, () => foundByNumber(page, baseURL ?? ""));
});

async function foundByNumber(page: Page, base: string): Promise<void> {
  const { centre } = await cityOf(page.request);
  const desk = await Desk.of(base, await loginOf(page.request, "receptionist"));
  const rows: Row[] = [];
  for (let n = 0; n < 10; n++) {
    const body = { category: { kind: "matter", code: "06010" }, source: "public", position: centre, position_text: `查找任务 ${n}` };
    const { id } = await desk.send<Row>("POST", "/cases", body);
    await desk.send("POST", `/cases/${id}/take`, {});
    rows.push(await desk.send<Row>("POST", `/cases/${id}/actions/accept`, { answers: {} }));
  }
  const wanted = rows[4] as Row;
  await phone(page, await loginOf(page.request, "collector"));
  const tasks = page.locator("button[data-task]");
  await expect.poll(() => tasks.count()).toBeGreaterThan(8);
  await page.locator("input[name='task']").fill(wanted.number);
  await expect(tasks).toHaveCount(1);
  await expect(page.locator(`button[data-task='${wanted.id}']`)).toBeVisible();
  await page.locator("input[name='task']").fill("没有这样的任务");
  await expect(tasks).toHaveCount(0);
  await page.locator("input[name='task']").press("Enter");
  await expect(page.getByText("等你办的任务中没有符合的。")).toBeVisible();
  await page.locator("input[name='task']").fill("");
  await expect.poll(() => tasks.count()).toBeGreaterThan(8);
}

test("what is refused waits for the person, and nothing else is held up", async ({ page, baseURL }) => {
  const chief = await Desk.of(baseURL ?? "", await loginOf(page.request, "duty_chief"));
  const first = `先报 ${Date.now()}`;
  await phone(page, await loginOf(page.request, "collector"));
  await page.route("**/api/v1/cases", (route) =>
    route.request().method() === "POST" && (route.request().postData() ?? "").includes(first)
      ? route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify({ code: "refused", reason: { zh: "测试退回", en: "test refusal" }, remedy: "", facts: {} }) })
      : route.continue(),
  );
  await report(page, first);
  await page.locator("button[data-send]").tap();
  await expect(page.locator("header .badge[data-bad='true']")).toBeVisible();
  const second = `后报 ${Date.now()}`;
  await report(page, second);
  await page.locator("button[data-send]").tap();
  await expect.poll(async () => (await reported(chief, second)).length).toBe(1);
  await tab(page, "outbox");
  await expect(page.locator("[data-item][data-state='refused']")).toContainText("测试退回");
  page.once("dialog", (dialog) => void dialog.dismiss());
  await page.locator("summary[aria-label]").tap();
  await page.locator("button[data-sign-out]").tap();
  await expect(page).toHaveURL(/\/field/);
  await page.unroute("**/api/v1/cases");
  await page.locator("summary[aria-label]").tap();
  await page.getByRole("button", { name: "再发一次" }).tap();
  await unsent(page, 0);
  expect(await reported(chief, first)).toHaveLength(1);
});

for (const theme of ["light", "dark"] as const) {
  test(`axe finds nothing on the phone, ${theme}`, async ({ page }) => {
    await page.addInitScript((name) => {
      localStorage.setItem("hutong.screen", JSON.stringify({ theme: name, language: name === "dark" ? "en" : "zh", large: false }));
    }, theme);
    await phone(page, await loginOf(page.request, "collector"));
    for (const name of ["tasks", "report", "outbox"]) {
      await tab(page, name);
      await expect(page.locator("[aria-busy='true']")).toHaveCount(0);
      const found = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`), name).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(390);
    }
    await read(page, "/field");
  });
}

interface Home {
  id: number;
  code: string;
  values: Record<string, unknown>;
  visits: { id: number; device: { done_at?: string } }[];
}

test("a visit made without a network fills every register once", async ({ page, baseURL }) => {
  const login = await loginOf(page.request, "grid_worker");
  const worker = await Desk.of(baseURL ?? "", login);
  await phone(page, login);
  await tab(page, "visits");
  const { rows } = await worker.get<{ rows: Home[] }>("/households?limit=200");
  let home: Home | undefined;
  for (const { id } of rows) {
    const one = await worker.get<Home>(`/households/${id}`);
    if (one.values.dwelling_use === "own") {
      home = one;
      break;
    }
  }
  if (!home) throw new Error("no household among 200 lives in a dwelling of its own");
  await page.locator("input[name='q']").fill(home.code);
  await page.keyboard.press("Enter");
  await page.locator(`button[data-home='${home.id}']`).tap();
  await expect(page.locator("select[name='dwelling_use']")).toHaveValue("own");
  await page.context().setOffline(true);
  await page.locator("select[name='dwelling_use']").selectOption("let");
  await page.locator("input[name='tenants']").fill("2");
  await page.locator("select[name='smoke_alarm']").selectOption("true");
  await expect(page.locator("[data-filling]")).toContainText("出租房屋安全");
  await page.locator("button[data-save]").tap();
  await unsent(page, 1);
  await page.context().setOffline(false);
  await expect(page.locator("[data-visited='sent']")).toContainText("出租房屋安全");
  const after = await worker.get<Home>(`/households/${home.id}`);
  expect(after.values).toMatchObject({ dwelling_use: "let", tenants: 2, smoke_alarm: true });
  expect(after.visits).toHaveLength(home.visits.length + 1);
  expect(after.visits[0]?.device.done_at).toBeTruthy();
  const found = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("registers at the desk, axe-clean", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const { demo_password: password } = await cityOf(page.request);
  await page.request.post("/api/v1/session", { data: { login: await loginOf(page.request, "community_officer"), password } });
  for (const address of ["/registers", "/registers?register=community.living_alone"]) {
    await page.goto(address);
    await expect(page.locator("tbody tr").first()).toBeVisible();
    const found = await new AxeBuilder({ page }).withTags(TAGS).include("main").analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`), address).toEqual([]);
  }
  await page.locator("button[data-export]").click();
  await page.locator("dialog button[type='submit']").click();
  await expect(page.locator("dialog [role='alert']")).toBeVisible();
  await page.locator("dialog input[name='purpose']").fill("浏览器测试");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("dialog button[type='submit']").click()]);
  expect(download.suggestedFilename()).toBe("community.living_alone.csv");
  await page.locator("tbody a").first().click();
  await expect(page.locator("ol.lined li").first()).toBeVisible();
});
