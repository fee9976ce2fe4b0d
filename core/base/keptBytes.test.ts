import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keptBytes } from "./keptBytes.ts";

const folder = () => mkdtempSync(join(tmpdir(), "winnow-kept-"));

/** Returns bytes that contain the number of the call. */
function maker() {
  let calls = 0;
  return async () => Uint8Array.from([7, ++calls]);
}

test("bytes are made once, and again when the file is damaged, truncated or empty", async () => {
  const file = join(folder(), "below", "twin");
  const make = maker();
  expect([...(await keptBytes(file, make))]).toEqual([7, 1]);
  expect([...(await keptBytes(file, make))]).toEqual([7, 1]);
  const whole = readFileSync(file);
  const altered = Buffer.from(whole);
  altered[33]! ^= 1;
  let made = 1;
  for (const damage of [altered, whole.subarray(0, 33), Buffer.alloc(0)]) {
    writeFileSync(file, damage);
    expect([...(await keptBytes(file, make))]).toEqual([7, ++made]);
    expect([...(await keptBytes(file, make))]).toEqual([7, made]);
  }
});

test("without a writable folder bytes are made each time, and no partial file stays", async () => {
  const home = folder();
  mkdirSync(join(home, "twin"));
  const make = maker();
  await keptBytes(join(home, "twin"), make);
  expect([...(await keptBytes(join(home, "twin"), make))]).toEqual([7, 2]);
  expect(readdirSync(home)).toEqual(["twin"]);
});
