import { defineConfig } from "@playwright/test";

/** Needs a running demo (HUTONG_URL) and a Chromium (CHROMIUM, /usr/bin/chromium by default). Starts neither. */
export default defineConfig({
  testDir: "tests/browser",
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  forbidOnly: true,
  reporter: [["list"]],
  outputDir: "node_modules/.cache/browser",
  use: {
    actionTimeout: 20_000,
    baseURL: process.env.HUTONG_URL ?? "http://127.0.0.1:8000",
    viewport: { width: 1440, height: 900 },
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--disable-background-networking",
      ],
    },
  },
});
