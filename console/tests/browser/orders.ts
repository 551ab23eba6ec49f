/** Orders of the call desk: the one just recorded, and the one to call back about, however many wait. */
import { expect, type Locator, type Page } from "@playwright/test";
import { read } from "./posts";

/** The order the page says it has recorded. */
export async function ordered<T extends { number: string }>(page: Page): Promise<T> {
  const told = page.getByText(/已登记工单 RX/);
  await expect(told).toBeVisible();
  const number = /RX\d+/.exec(await told.innerText())?.[0] ?? "";
  const { rows } = await read<{ rows: T[] }>(page, `/cases?procedure=hotline.order&q=${number}`);
  expect(rows.map((row) => row.number)).toEqual([number]);
  return rows[0] as T;
}

/** The form of the call-back about an order, found in the queue by its number. */
export async function callBack(page: Page, order: { id: number; number: string }): Promise<Locator> {
  await page.goto("/seat");
  const queue = page.locator("[data-queue]");
  await queue.getByRole("searchbox").fill(order.number);
  await page.keyboard.press("Enter");
  await expect(queue.locator("[data-order]")).toHaveCount(1);
  await queue.locator(`[data-order="${order.id}"]`).getByRole("button").click();
  return page.locator("[data-visit]");
}
