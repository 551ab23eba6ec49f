/** The demo's clock in the hands of its administrator, so that no simulated post comes first. */
import { request as http } from "@playwright/test";
import { Desk } from "./phones";
import { loginOf } from "./posts";

export const PACE = 60;

export class Night {
  private constructor(readonly desk: Desk) {}

  static async of(base: string): Promise<Night> {
    const anybody = await http.newContext({ baseURL: base });
    const login = await loginOf(anybody, "administrator");
    await anybody.dispose();
    return new Night(await Desk.of(base, login));
  }

  async stop(): Promise<void> {
    await this.desk.send("PUT", "/clock", { running: false });
  }

  async run(rate = PACE): Promise<void> {
    await this.desk.send("PUT", "/clock", { running: true, rate });
  }
}

/** Does something while the night stands still; whatever comes of it, the night goes on. */
export async function still(base: string | undefined, work: () => Promise<void>): Promise<void> {
  const night = await Night.of(base ?? "");
  await night.stop();
  try {
    await work();
  } finally {
    await night.run();
  }
}
