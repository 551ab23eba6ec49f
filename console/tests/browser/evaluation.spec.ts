/** 评价: from a score to the counts it is made of, to the very cases behind them; nothing is ranked before it is asked for. */
import { expect, test, type Page } from "@playwright/test";
import { still } from "./night";
import { cityOf, enter, loginOf, read } from "./posts";

interface Line { name: { zh: string }; counts: Record<string, number> }

/** A case that this post has accepted: it is behind the post's score. */
async function accepted(page: Page): Promise<{ id: number; name: string }> {
  await enter(page, await loginOf(page.request, "receptionist"));
  const { centre } = await cityOf(page.request);
  const { csrf, account } = await read<{ csrf: string; account: { name: { zh: string } } }>(page, "/session");
  const post = async <T>(path: string, data: unknown): Promise<T> => {
    const answer = await page.request.post(`/api/v1${path}`, { data, headers: { "X-CSRF-Token": csrf, "Idempotency-Key": `${path}-${Date.now()}` } });
    expect(answer.ok(), await answer.text()).toBe(true);
    return (await answer.json()) as T;
  };
  const { id } = await post<{ id: number }>("/cases", { category: { kind: "matter", code: "06010" }, source: "public", position: centre, position_text: "浏览器测试" });
  await post(`/cases/${id}/take`, {});
  await post(`/cases/${id}/actions/accept`, { answers: {} });
  return { id, name: account.name.zh };
}

test("a score leads to its counts and their cases", async ({ page, baseURL }) => {
  await still(baseURL, () => drill(page));
});

async function drill(page: Page): Promise<void> {
  const { id, name } = await accepted(page);
  await enter(page, await loginOf(page.request, "administrator"));
  await page.goto("/evaluation");
  await page.getByRole("button", { name: /受理员$/ }).click();
  await expect(page).toHaveURL(/sheet=urban\.receptionist/);
  await expect(page.getByText("按名称排列，不作排名。")).toBeVisible();
  await page.getByRole("button", { name: new RegExp(`^查看 ${name} 的`) }).first().click();
  await expect(page).toHaveURL(/open=/);
  const behind = page.locator("tr.behind");
  await expect(behind.getByRole("heading", { level: 2 })).toContainText(name);
  await expect(behind.getByText(/^定义：/)).toBeVisible();

  // The count is the number of its cases, and mine is among them.
  const { first, last } = await read<{ first: string; last: string }>(page, "/evaluation");
  const { rows } = await read<{ rows: Line[] }>(page, `/evaluation/urban.receptionist?from=${first}&to=${last}`);
  const n = rows.find((row) => row.name.zh === name)?.counts["urban.accept"] ?? 0;
  expect(n).toBeGreaterThan(0);
  const count = behind.getByRole("group", { name: "计数" }).getByRole("button").first();
  await expect(count).toHaveAttribute("aria-pressed", "true");
  await expect(count.locator("strong")).toHaveText(String(n));
  const cases = behind.locator("tr[data-case]");
  await expect(cases).toHaveCount(Math.min(n, 20));
  for (let shown = 20; shown < n; shown += 20) {
    await behind.getByRole("button", { name: "再看一些" }).click();
    await expect(cases).toHaveCount(Math.min(n, shown + 20));
  }
  await page.reload();
  await behind.locator(`tr[data-case="${id}"] a`).first().click();
  await expect(page).toHaveURL(new RegExp(`/desk/cases/${id}$`));
}

test("order, period and file are the asker's choice", async ({ page }) => {
  await page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute("data-printed", "yes");
  });
  await enter(page, await loginOf(page.request, "administrator"));
  await page.goto("/evaluation?sheet=urban.organisation");
  const names = page.locator("tbody th[scope='row']");
  await expect(names.first()).toBeVisible();
  const plain = await names.allInnerTexts();
  await page.locator("thead th button").first().click();
  await expect(page).toHaveURL(/sort=/);
  await expect(page.getByText(/^按「.*」排列/)).toBeVisible();
  await page.getByRole("button", { name: "恢复按名称" }).click();
  await expect(page.getByText("按名称排列，不作排名。")).toBeVisible();
  await expect.poll(() => names.allInnerTexts()).toEqual(plain);
  await page.getByRole("button", { name: "上月" }).click();
  await expect(page).toHaveURL(/from=\d{4}-\d\d-01/);
  await expect(page.getByRole("button", { name: "上月" })).toHaveAttribute("aria-pressed", "true");
  const file = page.waitForEvent("download");
  await page.getByRole("link", { name: "导出" }).click();
  expect((await file).suggestedFilename()).toMatch(/\.csv$/);
  await page.getByRole("button", { name: "打印" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-printed", "yes");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("link", { name: "导出" })).toBeHidden();
  await expect(names.first()).toBeVisible();
});
