import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lacksThisPlatform, removeUnloaded } from "./unloaded.mjs";

const here = `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime.so.1`;
const LOADED = [here, "onnxruntime-node/dist/index.js", "echarts/lib/echarts.js", "rxjs/dist/cjs/index.js"];
const UNLOADED = [
  "onnxruntime-node/bin/napi-v6/aix/ppc64/libonnxruntime.so.1",
  `onnxruntime-node/bin/napi-v6/${process.platform}/ppc64/libonnxruntime.so.1`,
  "onnxruntime-web/dist/ort.wasm",
  "echarts/dist/echarts.js",
  "rxjs/dist/cjs/index.js.map",
];

let folder;
let modules;
let lockfile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-unloaded-"));
  modules = join(folder, "node_modules");
  lockfile = join(folder, "package-lock.json");
  writeFileSync(lockfile, "{}");
  for (const file of [...LOADED, ...UNLOADED]) write(file);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file) {
  mkdirSync(dirname(join(modules, file)), { recursive: true });
  writeFileSync(join(modules, file), "x");
}

const present = (files) => files.filter((file) => existsSync(join(modules, file)));

it("removes what this platform never loads, and again after other packages were locked", () => {
  removeUnloaded(modules, lockfile);
  expect([present(LOADED), present(UNLOADED)]).toEqual([LOADED, []]);
  expect(lacksThisPlatform(modules)).toBe(false);
  write(UNLOADED[2]);
  removeUnloaded(modules, lockfile);
  expect(present(UNLOADED)).toEqual([UNLOADED[2]]);
  writeFileSync(lockfile, '{"packages": {}}');
  removeUnloaded(modules, lockfile);
  expect(present(UNLOADED)).toEqual([]);
});

it("keeps everything of a package that has nothing for this platform", () => {
  rmSync(join(modules, dirname(dirname(here))), { recursive: true });
  removeUnloaded(modules, lockfile);
  expect(present(UNLOADED)).toEqual([UNLOADED[0]]);
});

it("touches nothing behind a link", () => {
  const linked = join(folder, "linked");
  symlinkSync(modules, linked);
  removeUnloaded(linked, lockfile);
  expect(present(UNLOADED)).toEqual(UNLOADED);
  rmSync(join(modules, "echarts"), { recursive: true });
  mkdirSync(join(folder, "elsewhere", "dist"), { recursive: true });
  symlinkSync(join(folder, "elsewhere"), join(modules, "echarts"));
  removeUnloaded(modules, lockfile);
  expect(existsSync(join(folder, "elsewhere", "dist"))).toBe(true);
});

it("knows that another platform's set-up was here", () => {
  writeFileSync(join(modules, ".winnow-slim"), "aix-ppc64 0000");
  expect(lacksThisPlatform(modules)).toBe(true);
});
