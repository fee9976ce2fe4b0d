import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseFailpoints } from "./failpoints.ts";

const file = join(mkdtempSync(join(tmpdir(), "winnow-failpoints-")), "manifest.json");

/** How a process ends at `store.after-rename`. It exits with 7 if it gets past that point. */
function endOf(setting: string): { status: number | null; signal: string | null } {
  const module = JSON.stringify(new URL("./failpoints.ts", import.meta.url).href);
  const text = `const { parseFailpoints } = await import(${module});
    await parseFailpoints(${JSON.stringify(setting)})("store.after-rename", ${JSON.stringify(file)});
    process.exit(7);`;
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", text];
  const { status, signal } = spawnSync(process.execPath, args);
  return { status, signal };
}

test("`exit` ends the process like kill -9, and only at its own point", () => {
  expect(endOf("store.after-rename:exit")).toEqual({ status: null, signal: "SIGKILL" });
  expect(endOf("store.before-rename:exit,champion.after-link:exit")).toEqual({ status: 7, signal: null });
});

test("`short-write` leaves half of the last written file, and ends the process", () => {
  writeFileSync(file, "0123456789");
  expect(endOf("store.after-rename:short-write")).toEqual({ status: null, signal: "SIGKILL" });
  expect(readFileSync(file, "utf8")).toBe("01234");
});

test("`throw` throws, `hang` never comes back, and without a setting nothing happens", async () => {
  const fail = parseFailpoints("steps.before-record:throw,champion.before-link:hang");
  await expect(fail("steps.before-record")).rejects.toThrow("failpoint steps.before-record");
  const waited = new Promise((settle) => setTimeout(settle, 50, "still there"));
  expect(await Promise.race([fail("champion.before-link"), waited])).toBe("still there");
  expect(await parseFailpoints(null)("steps.before-record")).toBeUndefined();
});

test("an unknown action is refused with the known ones", () => {
  for (const text of ["store.after-rename:explode", "store.after-rename", "a:constructor"])
    expect(() => parseFailpoints(text)).toThrow(/WINNOW_FAILPOINT: .*one of exit, throw, hang, short-write/);
});

test("failpoints are inert unless set, and a wrong one is refused", async () => {
  await parseFailpoints(null)("store.before-rename");
  const points = parseFailpoints("store.before-rename:throw,champion.before-link:hang");
  await points("store.after-rename");
  await expect(points("store.before-rename")).rejects.toThrow("failpoint store.before-rename");
  expect(() => parseFailpoints("store.before-rename:explode")).toThrow(/exit, throw, hang/);
});
