import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { storageOf } from "./storageOf.ts";

test("a bucket is opened once for a configuration, whose requests share its connections and what was read", async () => {
  const home = mkdtempSync(join(tmpdir(), "winnow-storage-"));
  const artifacts = { bucket: "b", prefix: "", endpoint: "http://127.0.0.1:9", region: "r" } as never;
  const places = { home, artifacts };
  const storage = await storageOf(places);
  expect(await storageOf(places)).toBe(storage);
  expect(await storageOf({ ...places })).not.toBe(storage);
});
