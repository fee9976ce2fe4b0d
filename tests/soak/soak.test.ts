import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { Clock } from "./clock.ts";
import { LEAST_MINUTES, Memory } from "./memory.ts";
import { soakOptions } from "./options.ts";
import { Product } from "./product.ts";

afterEach(() => vi.restoreAllMocks());

test("a soak lasts long enough for its bounds to be measured", () => {
  expect(soakOptions(["--minutes", `${LEAST_MINUTES}`, "--seed", "1"])).toMatchObject({ minutes: LEAST_MINUTES });
  for (const minutes of ["1", `${LEAST_MINUTES - 0.1}`, "NaN", "-5", "1e9"])
    expect(() => soakOptions([`--minutes=${minutes}`]), minutes).toThrow(/^--minutes: .* is not a number from/);
});

test("a process that must live and was never seen, or too rarely, is a reason to fail", async () => {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const clock = new Clock(0.001);
  const memory = new Memory(clock);
  await memory.watch({ processes: () => ({ api: process.pid }) } as unknown as Product);
  memory.check(["api", "workers"]);
  expect(clock.wrong).toEqual([expect.stringMatching(/^api /), "workers did not live through the second half"]);
  expect(said).toHaveBeenCalledTimes(2);
});

test("a process that something else has killed is not one that the soak has", async () => {
  const product = new Product(() => {});
  try {
    const [own, other] = [spawn("sleep", ["60"]), spawn("sleep", ["60"])];
    const gone = Promise.all([own, other].map((child) => once(child, "exit")));
    expect(product.killHard(own.pid!)).toBe(true);
    other.kill("SIGKILL");
    expect(await gone).toEqual([
      [null, "SIGKILL"],
      [null, "SIGKILL"],
    ]);
    expect([own, other].map(({ pid }) => product.wasKilled(pid!))).toEqual([true, false]);
  } finally {
    product.remove();
  }
});
