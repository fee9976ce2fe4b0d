import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTinyModel } from "../../core/models/testing/tinyModel.ts";
import type { TrainingReport } from "../../core/training/loop/trainingReport.ts";

const WINNOW = fileURLToPath(new URL("../../cli/winnow.mjs", import.meta.url));
let root: string;
let pairs: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-train-"));
  await writeTinyModel(root);
  pairs = join(root, "pairs.jsonl");
  const lines = ["red", "blue", "green"].flatMap((colour) =>
    ["pod", "node", "job", "service"].map((thing) => ({
      query: `what is ${colour}`,
      positive: `the ${thing} is ${colour}`,
      negatives: [`a ${thing}`, `how do i delete the ${thing}`],
      scores: [3, 1, 0],
    })),
  );
  await writeFile(pairs, lines.map((line) => JSON.stringify(line)).join("\n"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `winnow train` as a person would. `on` receives its stderr. */
function train(out: string, args: string[], on: (said: string, command: ChildProcess) => void = () => {}) {
  const { PATH, HOME } = process.env;
  const given = ["train", "--pairs", pairs, "--base", root, "--out", out, "--json", ...args];
  const command = spawn(process.execPath, [WINNOW, ...given], { env: { PATH, HOME, WINNOW_THREADS: "1" } });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  command.stdout.setEncoding("utf8").on("data", (text: string) => {
    ended.stdout += text;
  });
  command.stderr.setEncoding("utf8").on("data", (text: string) => {
    ended.stderr += text;
    on(ended.stderr, command);
  });
  return new Promise<Ended>((settle) => command.once("close", (code) => settle({ ...ended, code })));
}

test("its options reach training and model card, and a wrong one is refused by name", async () => {
  const out = join(root, "tuned");
  const options = ["--learning-rate", "0.001", "--head-learning-rate", "0.002", "--questions-per-step", "2"];
  const more = ["--passages", "2", "--max-tokens", "12", "--epochs", "0.5", "--distillation", "0.25", "--seed", "3"];
  const ended = await train(out, [...options, ...more]);
  expect(ended.code, ended.stderr).toBe(0);
  // Twelve questions, two a step, half an epoch; two passages of each.
  const report = JSON.parse(ended.stdout) as TrainingReport & { out: string };
  expect(report).toMatchObject({ out, steps: 3, pairs: 12, maxTokens: 12, resumedFrom: null });
  const card = readFileSync(join(out, "README.md"), "utf8");
  for (const row of [
    "0.001 body, 0.002 head",
    "| questions a step | 2 |",
    "| passages a question | 2 |",
    "| seed | 3 |",
  ])
    expect(card).toContain(row);
  expect(card).toContain("listwise, 0.25 of its target from the scores they came with");

  const refused = await train(join(root, "refused"), ["--distillation", "1.5"]);
  expect([refused.code, JSON.parse(refused.stdout).error]).toEqual([2, "BadInput"]);
  expect(refused.stderr).toContain("distillation must be from 0 to 1, got 1.5");
});

test("Ctrl-C ends it with 130 and a checkpoint; the same command resumes there and removes it", async () => {
  const out = join(root, "interrupted");
  const args = ["--budget", "0.3", "--epochs", "1000000"];
  const checkpoints = () => readdirSync(`${out}.checkpoints`).filter((name) => /^step-\d+$/.test(name));
  let pressed = false;
  const first = await train(out, args, (said, command) => {
    if (pressed || !/step [1-9]\d* of/.test(said)) return;
    pressed = command.kill("SIGINT");
  });
  expect(first.code, first.stderr).toBe(130);
  expect(JSON.parse(first.stdout)).toEqual({
    error: "Cancelled",
    message: expect.stringContaining("the same command goes on"),
  });
  const [latest] = checkpoints()
    .map((name) => Number(name.slice(5)))
    .sort((a, b) => b - a);
  expect(latest).toBeGreaterThan(0);
  expect(existsSync(out)).toBe(false);
  const second = await train(out, args);
  expect(second.code, second.stderr).toBe(0);
  expect((JSON.parse(second.stdout) as TrainingReport).resumedFrom).toBe(latest);
  expect(existsSync(join(out, "onnx", "model.onnx"))).toBe(true);
  expect(existsSync(`${out}.checkpoints`)).toBe(false);
});
