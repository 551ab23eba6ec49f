/**
 * A warning of the storm night becomes a case and is brought to 结案 by five persons, each at the own post: 受理员 judges,
 * 值班长 files, 派遣员 dispatches, 处置部门 goes there and feeds back with photos, 监督员 checks, 值班长 closes.
 * Its name sorts it first: the night brings new warnings for its first two minutes only.
 */
import { expect, test, type Page } from "@playwright/test";
import { Night } from "./night";
import { photo } from "./photo";
import { enter, loginOf, read, type Row } from "./posts";

interface Warning {
  id: number;
  state: string;
  cleared: string | null;
  rule: string;
  case: { id: number; number: string } | null;
}
interface Case extends Row {
  organisation: { id: number; label: { zh: string } } | null;
  ending: string;
}

const warningsOf = async (night: Night, query: string): Promise<Warning[]> => (await night.desk.get<{ rows: Warning[] }>(`/warnings?${query}`)).rows;
const warningOf = (night: Night, id: number): Promise<Warning> => night.desk.get<Warning>(`/warnings/${id}`);

async function openCase(page: Page, id: number): Promise<void> {
  await page.goto(`/desk/cases/${id}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

async function act(page: Page, action: string): Promise<void> {
  await page.locator(`button[data-action="${action}"]`).click();
  await expect(page.locator(`form[data-form="${action}"]`)).toBeVisible();
}

async function submit(page: Page, action: string): Promise<void> {
  await page.locator(`form[data-form="${action}"] button[data-submit]`).click();
  await expect(page.locator(`form[data-form="${action}"]`)).toHaveCount(0);
}

async function give(page: Page, action: string, role: string, wet: boolean): Promise<void> {
  const form = page.locator(`form[data-form="${action}"]`);
  await form.locator(`#photo-${role}`).setInputFiles(await photo(page, `${action}-${role}.jpg`, wet));
  await expect(form.locator(".slot", { has: page.locator(`#photo-${role}`) }).locator("label[data-state='sent']")).toBeVisible();
}

async function addPhoto(page: Page, stage: string, role: string): Promise<void> {
  const form = page.locator("[data-add-photo]");
  if ((await form.getAttribute("open")) === null) await form.locator("summary").click();
  await form.locator("select[name='stage']").selectOption(stage);
  await form.locator("select[name='role']").selectOption(role);
  await form.locator("input[type='file']").setInputFiles(await photo(page, `${stage}-${role}.jpg`, true));
  await expect(page.getByText("照片已存入本案").last()).toBeVisible();
}

test("from gauge to 结案 through five posts", async ({ page, baseURL }) => {
  test.setTimeout(300_000);
  const night = await Night.of(baseURL ?? "");
  try {
    await caseOfTheNight(page, night);
  } finally {
    await night.run();
  }
});

async function caseOfTheNight(page: Page, night: Night): Promise<void> {
  // A sensor finds something: the night is held still, so that the simulated posts do not come first.
  await night.run();
  let found: Warning | undefined;
  await expect
    .poll(async () => (found = (await warningsOf(night, "state=to_judge&limit=200")).find((one) => one.case === null)) !== undefined, {
      message: "a warning to judge: a night that has just begun has some (hutong demo --fresh)", timeout: 120_000, intervals: [300],
    })
    .toBe(true);
  await night.stop();
  const warning = await warningOf(night, found?.id ?? 0);
  expect(warning.state).toBe("to_judge");

  // 受理员: sees it on the map, judges it at the desk, takes the case from the simulated posts.
  await enter(page, await loginOf(page.request, "receptionist"));
  await page.goto(`/situation?warning=${warning.id}`);
  await page.getByRole("complementary").getByRole("link", { name: "待研判预警" }).click();
  await expect(page).toHaveURL(new RegExp(`warning=${warning.id}`));
  await page.locator(".detail").getByRole("button", { name: "确认" }).click();
  await page.getByRole("button", { name: "提交研判" }).click();
  await expect(page.getByText("请写理由")).toBeVisible();
  await page.locator("textarea[name='reason']").fill("读数持续越限，周边同时段降雨，确认属实。");
  await page.getByRole("button", { name: "提交研判" }).click();
  await expect(page.getByText("已研判 1 条")).toBeVisible();
  const { case: made } = await read<Warning>(page, `/warnings/${warning.id}`);
  const id = made?.id ?? 0;
  expect(id).toBeGreaterThan(0);
  await openCase(page, id);
  await page.locator("button[data-take]").click();
  await expect(page.locator("button[data-take]")).toHaveCount(0);

  // 值班长 files it.
  await enter(page, await loginOf(page.request, "duty_chief"));
  await openCase(page, id);
  await act(page, "file");
  await submit(page, "file");
  await expect(page.locator("[aria-current='step']")).toHaveText("待派遣");

  // 派遣员 sends it to the unit the list of responsibilities names; the console says why closing is not his.
  await enter(page, await loginOf(page.request, "dispatcher"));
  await openCase(page, id);
  await act(page, "dispatch");
  await expect(page.locator("select[name='organisation']")).not.toHaveValue("");
  await submit(page, "dispatch");
  await expect(page.locator("[aria-current='step']")).toHaveText("处置中");
  const dispatched = await read<Case>(page, `/cases/${id}`);

  // 处置部门 takes it, arrives, photographs what it finds, and feeds back once the sensor is clear.
  await enter(page, await loginOf(page.request, "handler", dispatched.organisation?.label.zh));
  await openCase(page, id);
  for (const action of ["take", "arrive"]) {
    await act(page, action);
    await submit(page, action);
  }
  await addPhoto(page, "report", "near");
  await addPhoto(page, "report", "far");
  await night.run(240);
  await expect.poll(async () => (await warningOf(night, warning.id)).cleared !== null, { timeout: 120_000, intervals: [500] }).toBe(true);
  await night.stop();
  await page.reload();
  await act(page, "feed_back");
  await page.locator("form[data-form='feed_back'] button[data-submit]").click();
  await expect(page.locator("form[data-form='feed_back'] .summary")).toContainText("必填");
  await page.locator("textarea[name='result']").fill("开启移动泵车强排，清捞雨水箅子，路面恢复通行。");
  await give(page, "feed_back", "near", false);
  await give(page, "feed_back", "far", false);
  await submit(page, "feed_back");
  await expect(page.locator("[aria-current='step']")).toHaveText("待核查");

  // 监督员 checks on the spot.
  await enter(page, await loginOf(page.request, "collector"));
  await openCase(page, id);
  await act(page, "check_pass");
  await give(page, "check_pass", "near", false);
  await submit(page, "check_pass");
  await expect(page.locator("[aria-current='step']")).toHaveText("待结案");

  // 派遣员 may not close what he dispatched, and reads why; 值班长 closes.
  await enter(page, await loginOf(page.request, "dispatcher"));
  await openCase(page, id);
  await expect(page.locator("button[data-action='close']")).toHaveCount(0);
  await page.getByText("还不能做的操作和原因").click();
  await expect(page.locator("dt", { hasText: /^结案$/ })).toBeVisible();
  await enter(page, await loginOf(page.request, "duty_chief"));
  await openCase(page, id);
  await act(page, "close");
  await expect(page.locator("form[data-form='close']")).toContainText("此操作不可撤销");
  await submit(page, "close");
  await expect(page.locator("header.card [data-state]")).toHaveText("已结案");

  // The page shows the proof: photos side by side, five posts in the timeline, the journal's explanation.
  await expect(page.getByRole("img", { name: "近景 处置后" })).toBeVisible();
  for (const name of ["立案", "派遣", "反馈", "核查通过", "结案"]) {
    await expect(page.locator("ol li strong", { hasText: new RegExp(`^${name}$`) }).first()).toBeVisible();
  }
  await page.locator("button[data-explain]").click();
  await expect(page.getByText(/日志位置/)).toBeVisible();
  const closed = await read<Case>(page, `/cases/${id}`);
  expect(closed.ending).toBe("closed");
}
