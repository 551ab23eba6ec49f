/** A device nobody knows speaks to the city's port: it waits, is admitted, and its next packet is kept. */
import net from "node:net";
import { expect, test } from "@playwright/test";
import { enter, loginOf, read } from "./posts";

function crc(data: string): string {
  let register = 0xffff;
  for (const byte of Buffer.from(data)) {
    register = (register >> 8) ^ byte;
    for (let bit = 0; bit < 8; bit++) {
      const low = register & 1;
      register >>= 1;
      if (low) register ^= 0xa001;
    }
  }
  return register.toString(16).toUpperCase().padStart(4, "0");
}

/** Sends one real-time report and gives what came back. */
async function say(port: number, address: string, stamp: string, value: number): Promise<string> {
  const content = `QN=${stamp}000;ST=21;CN=2011;PW=123456;MN=${address};Flag=5;CP=&&DataTime=${stamp};w01018-Rtd=${value},w01018-Flag=N&&`;
  return await new Promise((done, failed) => {
    const line = net.connect(port, "127.0.0.1", () => line.write(`##${String(content.length).padStart(4, "0")}${content}${crc(content)}\r\n`));
    line.setTimeout(10_000, () => line.destroy(new Error("no answer")));
    line.once("data", (data) => {
      line.destroy();
      done(data.toString());
    });
    line.once("error", failed);
  });
}

/** The city's clock as a data logger writes it. */
function stampOf(at: string): string {
  return new Date(Date.parse(at) + 8 * 3_600_000).toISOString().replace(/[-T:]/g, "").slice(0, 14);
}

test("an unknown device is admitted and heard", async ({ page }) => {
  await enter(page, await loginOf(page.request, "administrator"));
  const { ports } = await read<{ ports: { protocol: string; port: number; open: boolean }[] }>(page, "/gateways");
  const port = ports.find((one) => one.protocol === "hj212");
  expect(port?.open, "the demo's HJ 212 port is open").toBe(true);
  const address = `BROWSER${Date.now()}`.padEnd(24, "0");
  const clock = await read<{ city_time: string }>(page, "/clock");
  await say(port?.port ?? 0, address, stampOf(clock.city_time), 21.5);

  await page.goto("/city/devices?state=quarantined");
  await page.getByRole("button", { name: address }).click();
  await expect(page.getByText("平台不认识该设备")).toBeVisible();
  await page.getByRole("button", { name: "准入", exact: true }).click();
  const form = page.getByRole("dialog", { name: "准入" });
  await form.getByLabel("对象").fill("苏州河");
  await form.getByRole("listitem").first().getByRole("button").click();
  await form.getByLabel("设备类型").selectOption({ label: "水质自动监测站（HJ 212）" });
  await form.getByLabel("口令").fill("123456");
  await form.getByRole("button", { name: "准入" }).click();
  await expect(page.getByText("已准入，此后其数据将被保存")).toBeVisible();

  const later = await read<{ city_time: string }>(page, "/clock");
  const answer = await say(port?.port ?? 0, address, stampOf(later.city_time), 22.75);
  expect(answer).toContain("CN=9014");
  await page.reload();
  await expect(page.getByText("22.8 mg/L").first()).toBeVisible();
});
