import { createServer } from "node:net";
import { beforeEach, expect, test } from "vitest";
import { cachedProbe, serveHealth } from "./health.ts";

let port: number;
beforeEach(async () => {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, "127.0.0.1", settle));
  port = (probe.address() as { port: number }).port;
  await new Promise((settle) => probe.close(settle));
});

test("is alive as soon as it answers, and ready or not, with the reason, like the worker", async () => {
  let reason: string | null = "waiting for Temporal";
  const stop = await serveHealth({ host: "127.0.0.1", port }, () => reason);
  const get = async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return [response.status, (await response.text()).trim()];
  };
  expect(await get("/healthz")).toEqual([200, "alive"]);
  expect(await get("/readyz")).toEqual([503, "waiting for Temporal"]);
  reason = null;
  expect(await get("/readyz")).toEqual([200, "ready"]);
  expect(await get("/secrets")).toEqual([404, "the paths are /healthz and /readyz"]);
  expect((await get("/readyz", "POST"))[0]).toBe(405);
  await expect(serveHealth({ host: "127.0.0.1", port }, () => null)).rejects.toThrow(/WINNOW_HEALTH_PORT/);
  stop();
  await expect(get("/healthz")).rejects.toThrow();
});

test("a failed readiness check counts as not ready", async () => {
  const stop = await serveHealth({ host: "127.0.0.1", port }, () => {
    throw new Error("no state");
  });
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect([response.status, await response.text()]).toEqual([503, "no state\n"]);
  stop();
});

test("many probes cause one server check in five seconds", async () => {
  let time = 0;
  let asked = 0;
  let up = true;
  const probe = cachedProbe(
    async () => {
      asked++;
      if (!up) throw new Error("14 UNAVAILABLE\n at stack");
    },
    () => time,
  );
  expect(await probe()).toBeNull();
  up = false;
  expect(await probe()).toBeNull();
  expect(asked).toBe(1);
  time = 6000;
  expect(await probe()).toBe("Temporal does not answer: 14 UNAVAILABLE");
  expect(asked).toBe(2);
});
