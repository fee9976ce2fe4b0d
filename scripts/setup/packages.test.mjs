import { describe, expect, it } from "vitest";
import { checkNode, isAsLocked } from "./packages.mjs";

describe("checkNode", () => {
  it("accepts the oldest supported Node and refuses older ones with a remedy", () => {
    expect(() => checkNode("20.11.0")).not.toThrow();
    expect(() => checkNode("20.10.0")).toThrow(/20\.10\.0 is too old: Winnow needs 20\.11[\s\S]*nvm install/);
    expect(() => checkNode("18.19.1")).toThrow(/too old/);
  });
});

describe("isAsLocked", () => {
  const lock = {
    packages: {
      "": { name: "winnow" },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
      "node_modules/b-darwin": { version: "2.0.0", integrity: "sha512-b", optional: true },
    },
  };
  const a = lock.packages["node_modules/a"];

  it("accepts an installation without other platforms' optional packages", () => {
    expect(isAsLocked(lock, { packages: { "node_modules/a": a } })).toBe(true);
  });

  it("detects another version, other bytes, a missing package and an extra one", () => {
    expect(isAsLocked(lock, { packages: { "node_modules/a": { ...a, version: "1.0.1" } } })).toBe(false);
    expect(isAsLocked(lock, { packages: { "node_modules/a": { ...a, integrity: "sha512-x" } } })).toBe(false);
    expect(isAsLocked(lock, { packages: {} })).toBe(false);
    expect(isAsLocked(lock, { packages: { "node_modules/a": a, "node_modules/c": a } })).toBe(false);
  });

  it("rejects an installation without npm's record", () => {
    expect(isAsLocked(lock, null)).toBe(false);
  });
});
