import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { joinStack } from "../../client/stack.ts";
import { connectClient } from "../../client/temporal.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { cache as WINNOW_CACHE } from "../server.ts";

test("servers of four homes that start in the same moment each get ports of their own", async () => {
  const homes = Array.from({ length: 4 }, () => mkdtempSync(join(tmpdir(), "winnow-homes-")));
  const { PATH, HOME } = process.env;
  const configs = homes.map((home) => readCliConfig({ PATH, HOME, WINNOW_CACHE, WINNOW_HOME: home }));
  const stacks = await Promise.all(configs.map((config) => joinStack(config, { serverOnly: true })));
  onTestFinished(async () => {
    for (const stack of stacks) await stack.stop();
    for (const home of homes) rmSync(home, { recursive: true });
  });
  expect(new Set(stacks.flatMap(({ info }) => [info.address, info.uiUrl])).size).toBe(8);
  for (const [n, { info, owned }] of stacks.entries()) {
    expect(owned).toBe(true);
    const { connection } = await connectClient(info.address, configs[n]!);
    await connection.close();
  }
});
