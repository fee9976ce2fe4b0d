import { describe, expect, test } from "vitest";
import type { Promotion } from "./champions.ts";
import { championStack, parseMoment, servedAt } from "./ledger.ts";

const entry = (hour: number, release: string, kind: Promotion["kind"] = "promotion", corpus = "k8s"): Promotion => ({
  corpus,
  kind,
  release,
  ref: { uri: "", sha256: "", bytes: 0 },
  replaced: null,
  at: `2026-11-22T${String(hour).padStart(2, "0")}:00:00.000Z`,
  by: "pipeline-1",
  reason: "better",
  workflow: null,
});

describe("the release that served at a moment", () => {
  const ledger = [entry(8, "a"), entry(9, "x", "promotion", "other"), entry(10, "b"), entry(12, "a", "rollback")];
  const at = (text: string) => servedAt(ledger, parseMoment(text)).map(({ release, until }) => [release, until]);

  test("is the last entry not after it, for each corpus", () => {
    expect(at("2026-11-22T07:59")).toEqual([]);
    expect(at("2026-11-22T08:00")).toEqual([["a", "2026-11-22T10:00:00.000Z"]]);
    expect(at("2026-11-22T11:59:59.999Z")).toEqual([
      ["b", "2026-11-22T12:00:00.000Z"],
      ["x", null],
    ]);
    expect(at("2026-11-23")).toEqual([
      ["a", null],
      ["x", null],
    ]);
  });

  test("is in UTC unless its time has an offset", () => {
    expect(parseMoment("2026-11-22T10:00").toISOString()).toBe("2026-11-22T10:00:00.000Z");
    expect(parseMoment("2026-11-22T10:00+02:00").toISOString()).toBe("2026-11-22T08:00:00.000Z");
    expect(parseMoment("2026-11-22").toISOString()).toBe("2026-11-22T00:00:00.000Z");
    expect(parseMoment("2026-11-22 10:00").toISOString()).toBe("2026-11-22T10:00:00.000Z");
    expect(parseMoment("2026-11-22 10:00:30 -0130").toISOString()).toBe("2026-11-22T11:30:30.000Z");
    for (const text of ["2026-11-22 10", "2026-11-22T25:00", "yesterday", "12", "2026-13-40", ""])
      expect(() => parseMoment(text)).toThrow(/2026-11-22T10:00/);
  });
});

describe("rollbacks go back", () => {
  test("to the previous champion, and a second rollback further back", () => {
    const promoted = [entry(1, "a"), entry(2, "b"), entry(3, "c")];
    expect(championStack(promoted)).toEqual(["a", "b", "c"]);
    const once = [...promoted, entry(4, "b", "rollback")];
    expect(championStack(once)).toEqual(["a", "b"]);
    expect(championStack([...once, entry(5, "a", "rollback")])).toEqual(["a"]);
  });

  test("and a later promotion follows the release that was restored", () => {
    const ledger = [entry(1, "a"), entry(2, "b"), entry(3, "a", "rollback"), entry(4, "d")];
    expect(championStack(ledger)).toEqual(["a", "d"]);
  });

  test("to a release that was rolled back before", () => {
    const ledger = [entry(1, "a"), entry(2, "b"), entry(3, "a", "rollback"), entry(4, "b", "rollback")];
    expect(championStack(ledger)).toEqual(["a", "b"]);
  });
});
