import { NativeConnection } from "@temporalio/worker";
import pino from "pino";
import { afterEach, expect, test, vi } from "vitest";
import { connectTemporal } from "./connect.ts";

afterEach(() => vi.restoreAllMocks());

test("while waiting for a missing namespace, it closes every connection but the returned one", async () => {
  const open = new Set<number>();
  let made = 0;
  vi.spyOn(NativeConnection, "connect").mockImplementation(async () => {
    const id = ++made;
    open.add(id);
    const describeNamespace = async () => {
      if (id < 3) throw new Error("namespace docs is not found");
    };
    return { workflowService: { describeNamespace }, close: async () => void open.delete(id) } as never;
  });
  const access = { address: "127.0.0.1:1", namespace: "docs", origin: "a test", credentials: {} };
  const log = pino({ level: "silent" });
  expect(await connectTemporal(access, log, new AbortController().signal)).not.toBeNull();
  expect([made, [...open]]).toEqual([3, [3]]);
});
