import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../ports.ts";
import { Faults, kill } from "./harness.ts";

let faults: Faults;
beforeEach(() => {
  faults = new Faults();
});
afterEach(() => faults.end());

const answer = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
  return response && { status: response.status, text: (await response.text()).trim() };
};

test("a worker is alive before Temporal is up, ready once it polls, not ready after the server is gone, and drains", async () => {
  const [port, metricsPort] = [await freePort(), await freePort()];
  faults.port = await freePort();
  const env = { WINNOW_HEALTH_PORT: `${port}`, WINNOW_METRICS_PORT: `${metricsPort}` };
  const worker = await faults.startWorker(env, { ready: false });
  await faults.until(worker, async () => (await answer(port, "/healthz")) !== null);
  expect(await answer(port, "/healthz")).toEqual({ status: 200, text: "alive" });
  expect(await answer(port, "/readyz")).toEqual({ status: 503, text: "waiting for Temporal" });

  await faults.startServer();
  await faults.until(worker, async () => (await answer(port, "/readyz"))?.status === 200);
  expect(await answer(port, "/readyz")).toEqual({ status: 200, text: "ready" });
  const metrics = await answer(metricsPort, "/metrics");
  expect(metrics?.text).toContain('task_queue="winnow-query"');

  await faults.killServer();
  const ready = () => answer(port, "/readyz");
  await expect.poll(async () => (await ready())?.text, { timeout: 20_000 }).toMatch(/^Temporal does not answer/);
  expect(await answer(port, "/healthz")).toEqual({ status: 200, text: "alive" });
  await faults.startServer();
  await expect.poll(async () => (await ready())?.status, { timeout: 20_000 }).toBe(200);
  expect(await kill(worker, "SIGTERM")).toBe(0);
  expect(await answer(port, "/healthz")).toBeNull();
});
