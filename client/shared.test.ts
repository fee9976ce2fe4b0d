import { expect, test, vi } from "vitest";
import { shared } from "./shared.ts";

test("calls with one key share a result while it is made and for a time after, and no failure is kept", async () => {
  vi.useFakeTimers();
  let made = 0;
  const of = shared(async (key: string) => {
    if (key === "bad") throw new Error(`failure ${++made}`);
    return `${key} ${++made}`;
  }, 5000);
  expect(await Promise.all([of("a"), of("a"), of("b")])).toEqual(["a 1", "a 1", "b 2"]);
  vi.advanceTimersByTime(4999);
  expect(await of("a")).toBe("a 1");
  vi.advanceTimersByTime(1);
  expect(await of("a")).toBe("a 3");
  await expect(of("bad")).rejects.toThrow("failure 4");
  await expect(of("bad")).rejects.toThrow("failure 5");
  vi.useRealTimers();
});
