/** What every page must be: without a finding of axe, and no wider than its screen. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function clean(page: Page, what: string): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const told = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
  expect(told, what).toEqual([]);
}

export async function fits(page: Page): Promise<void> {
  const [width, screen] = await page.evaluate(() => [
    Math.max(document.documentElement.scrollWidth, document.querySelector("main")?.scrollWidth ?? 0), window.innerWidth,
  ]);
  expect(width, `the width of ${page.url()}`).toBeLessThanOrEqual(screen ?? 0);
}
