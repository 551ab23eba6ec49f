/** The past: a stream's page, its files, the map's time slider; rules and how often they were wrong. */
import { expect, test } from "@playwright/test";
import { enter, loginOf, read } from "./posts";

interface StreamRow {
  id: number;
  thing: { id: number; label: { zh: string } };
  code: string;
}

async function ponding(page: Parameters<typeof read>[0]): Promise<StreamRow[]> {
  const { rows } = await read<{ rows: StreamRow[] }>(page, "/streams?property=drainage.ponding&limit=5");
  expect(rows.length).toBeGreaterThan(1);
  return rows;
}

test("from the list of objects to an object, to its stream, and back in time", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  const [first, second] = await ponding(page);
  await page.goto("/things?type=drainage.ponding_point");
  await page.getByRole("searchbox", { name: "名称或编码" }).fill(first?.code ?? "");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: first?.thing.label.zh }).click();
  await expect(page.getByRole("heading", { level: 1, name: first?.thing.label.zh })).toBeVisible();
  await page.getByRole("cell", { name: "路面积水深度" }).getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/streams/${first?.id}`));
  await expect(page.locator("canvas").first()).toBeVisible();
  await page.getByRole("button", { name: "7 天" }).click();
  await expect(page).toHaveURL(/hours=168/);
  await page.getByRole("searchbox", { name: "对比" }).fill(second?.code ?? "");
  await page.getByRole("button", { name: second?.thing.label.zh }).click();
  await expect(page).toHaveURL(new RegExp(`with=${second?.id}`));
  await page.getByRole("button", { name: "表格" }).click();
  await expect(page.getByRole("columnheader", { name: "时间" }).first()).toBeVisible();
  await expect(page.getByText("高于 0.15 m").first()).toBeVisible();
});

test("rows leave as CSV and Parquet", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  const [first] = await ponding(page);
  await page.goto(`/streams/${first?.id}?hours=24`);
  const csv = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await csv).suggestedFilename()).toBe("observations.csv");
  const parquet = page.waitForEvent("download");
  await page.getByRole("link", { name: "Parquet" }).click();
  expect((await parquet).suggestedFilename()).toBe("observations.parquet");
});

test("the map goes back in time and returns to now", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await page.goto("/situation");
  await page.getByRole("button", { name: "时间", exact: true }).click();
  await expect(page).toHaveURL(/at=/);
  const told = page.getByText(/的状况$/);
  const before = await told.innerText();
  const slid = page.waitForResponse((answer) => /\/layers\/.*at=/.test(answer.url()) && answer.ok());
  await page.getByRole("slider", { name: "时间" }).press("Home");
  await slid;
  await expect(told).not.toHaveText(before);
  await page.getByRole("button", { name: "回到现在" }).click();
  await expect(page).not.toHaveURL(/at=/);
});

test("rules show their false alarms and what is behind them", async ({ page }) => {
  await enter(page, await loginOf(page.request, "duty_chief"));
  await page.goto("/city/rules");
  const flooding = page.getByRole("button", { name: "路面积水" });
  await expect(flooding).toBeVisible();
  await flooding.click();
  await expect(page).toHaveURL(/rule=drainage.flooding/);
  await expect(page.getByText("现行")).toBeVisible();
});
