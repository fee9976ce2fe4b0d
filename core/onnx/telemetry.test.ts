import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeOptions } from "../base/ownModules.ts";
import { Graph } from "./graph.ts";
import { matmul } from "./ops.ts";

const RUNTIME = new URL("./runtime.ts", import.meta.url).href;

test("ONNX Runtime reports nothing to its maker: a session leaves no device id and no queue of events", () => {
  const folder = mkdtempSync(join(tmpdir(), "winnow-telemetry-"));
  const model = join(folder, "model.onnx");
  const graph = new Graph("product");
  graph.output("product", matmul(graph, graph.input("a", "float32", [1, 1]), graph.input("b", "float32", [1, 1])));
  writeFileSync(model, graph.toBytes());
  mkdirSync(join(folder, "home", "tmp"), { recursive: true });
  const home = join(folder, "home");
  const code = `const { createSession } = await import("${RUNTIME}"); await createSession(${JSON.stringify(model)});`;
  execFileSync(process.execPath, [...nodeOptions(), "--input-type=module", "-e", code], {
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: join(home, "tmp") },
  });
  const left = readdirSync(home, { recursive: true, encoding: "utf8" });
  // tsx keeps what it has translated.
  expect(left.filter((file) => !/^tmp([\\/]tsx-.*)?$/.test(file))).toEqual([]);
  rmSync(folder, { recursive: true });
});
