import { afterEach, expect, it } from "vitest";
import { Weaviate } from "../../engines/weaviate.ts";
import { WeaviateStandIn } from "../testing/weaviateStandIn.ts";
import { requireExactBm25 } from "./probe.ts";

const servers: WeaviateStandIn[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});

async function probed() {
  const server = await WeaviateStandIn.start();
  servers.push(server);
  return { server, check: () => requireExactBm25(server.settings(), new Weaviate(server.settings())) };
}

it("fills a probe's collection that was left empty", async () => {
  const { server, check } = await probed();
  await check();
  const { objects } = server.collections.get("Winnow_probe")!;
  expect(objects.size).toBe(1);
  objects.clear();
  await check();
  expect(objects.size).toBe(1);
});

it("asks for a retry while the server does not find the probe, and blames WAND only for a wrong score", async () => {
  const { server, check } = await probed();
  await check();
  const { objects } = server.collections.get("Winnow_probe")!;
  server.onRequest = () => objects.clear();
  await expect(check()).rejects.toMatchObject({
    code: "VectorServerUnavailable",
    message: expect.stringMatching(/holds no probe yet/),
  });
  server.onRequest = () => {};
  server.scoreInBoth = 2;
  await expect(check()).rejects.toMatchObject({
    code: "VectorServerRefused",
    message: expect.stringMatching(/USE_BLOCKMAX_WAND=false/),
  });
});
