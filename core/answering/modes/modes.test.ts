import { expect, test } from "vitest";
import { MODES, type ModeName, titleOf } from "./index.ts";
import { modeSuite } from "./testing/modeSuite.ts";

for (const name of Object.keys(MODES) as ModeName[]) modeSuite(name);

test("an answer's heading comes from its kind's mode; an abstention has none", () => {
  expect(titleOf("llm", "qwen")).toBe("Answer by qwen");
  expect(titleOf("abstained", null)).toBe("Not in these docs");
});
