import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { integerProductsSaturate, usablePrecision } from "./integerProducts.ts";

it("measures whether integer products are exact on this processor, in agreement with its flags", async () => {
  const flags = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const saturates = await integerProductsSaturate();
  if (/\b(avx512_vnni|avx_vnni)\b/.test(flags)) expect(saturates).toBe(false);
  else if (/\bavx2\b/.test(flags)) expect(saturates).toBe(true);
  expect(await usablePrecision("float32")).toBe("float32");
  expect(await usablePrecision("int8")).toBe(saturates ? "float32" : "int8");
});
