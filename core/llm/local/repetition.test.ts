import { expect, test } from "vitest";
import { withoutLoop } from "./repetition.ts";

test("a repeated line ends after its first round", () => {
  const line = "helm package deis-workflow-0.1.0.tgz\n";
  expect(withoutLoop(`You can run:\n${line.repeat(3)}`)).toBe("You can run:\nhelm package deis-workflow-0.1.0.tgz");
  expect(withoutLoop(`You can run:\n${line.repeat(2)}`)).toBeNull();
});

test("the first round is found however many follow it", () => {
  expect(withoutLoop(`Start. ${"a b c d. ".repeat(20)}`)).toBe("Start. a b c d.");
});

test("single words count only from nine on", () => {
  expect(withoutLoop("very ".repeat(8))).toBeNull();
  expect(withoutLoop("so very ".concat("very ".repeat(9)))).toBe("so very");
});

test("a sentence that comes back between others is a loop", () => {
  const sentence = "The chart is packed into an archive that is named after chart and version.";
  const text = [1, 2, 3].map((round) => `Round ${round} begins here. ${sentence}`).join(" ");
  expect(withoutLoop(text.slice(0, -" and version.".length))).toBe(`Round 1 begins here. ${sentence}`);
  expect(withoutLoop(text)).toBe(`Round 1 begins here. ${sentence}`);
});

test("lists, tables and configuration with like lines are no loops", () => {
  const yaml = [1, 2, 3, 4, 5].map((port) => `- name: http\n  containerPort: 80${port}\n  protocol: TCP`).join("\n");
  expect(withoutLoop(yaml)).toBeNull();
  expect(withoutLoop("| a | b |\n| - | - |\n| 1 | x |\n| 2 | x |\n| 3 | x |")).toBeNull();
  expect(
    withoutLoop("Use `kubectl get pods` and then `kubectl get pods -o wide` and `kubectl get pods -A`."),
  ).toBeNull();
  expect(withoutLoop("")).toBeNull();
});

test("a long text is looked at in linear time", () => {
  const started = performance.now();
  withoutLoop("word ".repeat(8) + Array.from({ length: 40_000 }, (_, at) => `w${at % 9973}`).join(" "));
  expect(performance.now() - started).toBeLessThan(1000);
});
