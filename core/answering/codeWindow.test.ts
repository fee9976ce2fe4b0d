import { describe, expect, it } from "vitest";
import { processorMs } from "../../tests/processorTime.ts";
import { codeWindow, isCommandLine } from "./codeWindow.ts";

const output = (count: number) => Array.from({ length: count }, (_, n) => `row-${n}   Running   0`);
const windowOf = (lines: string[], ...terms: string[]) => {
  const { first, last } = codeWindow(lines, new Set(terms));
  return lines.slice(first, last + 1);
};

describe("codeWindow", () => {
  it("keeps a block of eight lines whole", () => {
    const lines = output(8);
    expect(windowOf(lines, "row")).toEqual(lines);
  });

  it("keeps the first lines with the command of a longer block", () => {
    const lines = ["$ helm template web ./web", ...output(20)];
    expect(windowOf(lines, "templat")).toEqual(lines.slice(0, 8));
  });

  it("moves to a command deep in the block, two lines above it included", () => {
    const lines = [...output(12), "$ helm rollback web 1", ...output(12)];
    expect(windowOf(lines, "rollback")).toEqual(lines.slice(10, 18));
  });

  it("does not begin inside a command of several lines", () => {
    const lines = [...output(9), "helm install web \\", "  --set a=1 \\", "  --set b=2 \\", "  --wait", ...output(9)];
    expect(windowOf(lines, "wait")[0]).toBe("helm install web \\");
  });

  it("keeps a line that is longer than the limit", () => {
    expect(windowOf([...output(3), `data ${"x".repeat(900)}`], "data")).toHaveLength(1);
  });
});

describe("isCommandLine", () => {
  it.each(["$ ls", "helm repo add bitnami https://charts.example", "kubectl get pods -o wide", "PS C:\\> dir x"])(
    "accepts %s",
    (line) => expect(isCommandLine(line)).toBe(true),
  );

  it.each(["apiVersion: v1", 'name = "web"'.toUpperCase(), "NAME   READY", "listen 80;", "}", "2024-01-01 started"])(
    "refuses %s",
    (line) => expect(isCommandLine(line)).toBe(false),
  );

  it("takes linear time on a long line", () => {
    expect(processorMs(() => isCommandLine(`a ${"b ".repeat(100_000)}"`))).toBeLessThan(1000);
  });
});
