import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../config/read.ts";
import { copiedFiles, ROOMS } from "./files.ts";
import { type Lockfile, lockfileFor, type Manifest } from "./lockfile.ts";
import { packedManifest } from "./manifest.ts";

const read = (file: string) => JSON.parse(readFileSync(join(projectRoot, file), "utf8"));
const clone: Manifest = read("package.json");
const lock: Lockfile = read("package-lock.json");
const manifest = packedManifest(clone, lock, "a1fc2fd");

describe("the package's manifest", () => {
  it("names the compiled module of what a clone exports", () => {
    expect(clone.exports).toMatchObject({ ".": "./client/library.ts" });
    expect(manifest.exports).toMatchObject({
      ".": { types: "./client/library.d.ts", default: "./client/library.js" },
    });
    expect(existsSync(join(projectRoot, "client", "library.ts"))).toBe(true);
    expect(manifest).toMatchObject({ bin: { winnow: "./cli/winnow.mjs" }, commit: "a1fc2fd", type: "module" });
  });

  it("depends on the locked versions, and on nothing that only sources and tests need", () => {
    expect(manifest.dependencies).toMatchObject({
      "onnxruntime-node": "1.30.0",
      "@xenova/transformers": "npm:@huggingface/transformers@4.3.1",
      "@swc/core": lock.packages["node_modules/@swc/core"]!.version,
      hono: lock.packages["node_modules/hono"]!.version,
    });
    for (const name of ["tsx", "esbuild", "vitest", "typescript"])
      expect(manifest.dependencies).not.toHaveProperty(name);
    for (const field of ["scripts", "devDependencies", "private"]) expect(manifest).not.toHaveProperty(field);
  });
});

describe("the package's lockfile", () => {
  const packed = lockfileFor(manifest, lock);

  it("has every dependency in the version of the clone, and none of the tests", () => {
    for (const name of Object.keys(manifest.dependencies))
      expect(packed.packages).toHaveProperty([`node_modules/${name}`]);
    for (const [folder, entry] of Object.entries(packed.packages)) {
      if (folder === "") continue;
      expect(entry).toBe(lock.packages[folder]);
      expect([folder, entry.dev]).toEqual([folder, undefined]);
    }
  });

  it("names a dependency that is not locked", () => {
    const more = { ...manifest, dependencies: { "no-such-package": "1.0.0" } };
    expect(() => lockfileFor(more, lock)).toThrow("package-lock.json has no no-such-package for winnow");
  });
});

describe("the package's files", () => {
  const files = copiedFiles(projectRoot);

  it("are what the modules and set-up read", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "cli/winnow.mjs",
        "core/base/given/thread.mjs",
        "core/llm/local/models.json",
        "core/models/embedder.json",
        "http/page/style/base.css",
        "samples/demos.jsonl",
        "samples/questions.jsonl",
        "scripts/bootstrap.mjs",
        "scripts/setup/llm/package-lock.json",
        "scripts/setup/pins.mjs",
        "workflows/encodedFailures.cjs",
      ]),
    );
  });

  it("are none of the tests, the research and the sources", () => {
    const places = [...ROOMS, "samples", "scripts/setup"].join("|");
    const others = new RegExp(`^(?!(${places})/)`);
    expect(files.filter((file) => others.test(file))).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "scripts/bootstrap.mjs",
    ]);
    expect(files.filter((file) => /\.tsx?$|\.test\.|testing|fixtures/.test(file))).toEqual([]);
  });
});
