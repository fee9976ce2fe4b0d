// npm run check:conformance: the conformance suite of the Model Context Protocol against /mcp. Its other scenarios need
// tools, prompts and resources of the suite's own. It needs Node 22, so another Node runs it.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listen } from "../../http/server.ts";
import { localServer } from "../../http/testing/localDoors.ts";
import { cache, outputOf } from "./python.ts";

const SUITE = "@modelcontextprotocol/conformance";
const VERSION = "0.1.16";
const SCENARIOS = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"];

const set = fileURLToPath(new URL("../setup/node.mjs", import.meta.url));
const node = (await outputOf(process.execPath, [set, "24"])).trim();
const folder = join(cache, `mcp-conformance-${VERSION}`);
const suite = join(folder, "node_modules", SUITE, "dist", "index.js");
if (!existsSync(suite)) {
  await mkdir(folder, { recursive: true });
  await outputOf("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", `${SUITE}@${VERSION}`]);
}
const local = await localServer();
const server = await listen(local.app, { host: "127.0.0.1", port: 0 });
try {
  const url = `http://127.0.0.1:${server.port}/mcp`;
  for (const scenario of SCENARIOS) {
    const told = await outputOf(node, [suite, "server", "--url", url, "--scenario", scenario]);
    const [, passed, all] = /Passed: (\d+)\/(\d+), 0 failed/.exec(told) ?? [];
    if (!passed || passed === "0" || passed !== all) throw new Error(`${scenario}: ${told}`);
    console.log(`✔ ${scenario}: ${passed} of ${all}`);
  }
} finally {
  await server.close();
  await local.end();
}
