import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { workflowBundle } from "./workflowBundle.ts";

const folder = mkdtempSync(join(tmpdir(), "winnow-bundles-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("is built once per set of options, and again if the cached one is damaged; a few are kept", async () => {
  for (let i = 0; i < 20; i++) writeFileSync(join(folder, `${i}.js`), "");
  const before = new Set(readdirSync(folder));
  const { code } = await workflowBundle(folder);
  expect(code).toContain("pipeline");
  expect(readdirSync(folder)).toHaveLength(8);
  const [file] = readdirSync(folder)
    .filter((name) => !before.has(name))
    .map((name) => join(folder, name)) as [string];

  expect((await workflowBundle(folder)).code).toBe(code);

  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length - 100));
  expect((await workflowBundle(folder)).code).toBe(code);
  expect(readFileSync(file).length).toBe(bytes.length);

  const traced = await workflowBundle(folder, { traced: true });
  expect(traced.code).not.toBe(code);
});
