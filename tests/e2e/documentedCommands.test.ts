import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readCliConfig } from "../../config/cliConfig.ts";
import type { ReleaseSummary } from "../../contracts/release.ts";
import { shellCommands, winnowProblem } from "../../scripts/reference/shell.ts";
import { freshHome, type Outcome, root, winnowJson } from "./command.ts";
import { sampleRelease, TRAINED } from "./sampleRelease.ts";

const { cache } = readCliConfig();
const QUESTIONS = join(root, "samples", "questions.jsonl");
const RELEASED = `--questions ${QUESTIONS} ${TRAINED.join(" ")}`;

function temporalStart(input: string): string {
  return `temporal workflow start --type pipeline --task-queue winnow --input '${input}'`;
}

/** Commands that run in another form, so that training and evaluation come from the release of the sample docs. */
const INSTEAD: Record<string, string> = {
  "npm start": `npx winnow up ${TRAINED.join(" ")}`,
  "npm start -- --docs ~/handbook": `npx winnow up --docs ~/handbook ${RELEASED}`,
  [temporalStart('{"docs": {"path": "/srv/docs"}}')]: temporalStart(
    '{"docs": {"path": "samples/docs"}, "until": "ingest"}',
  ),
};

/** Commands that cannot run here, with the reason. The options of `winnow` commands are checked anyway. */
const NOT_HERE: Record<string, string> = {
  "npm test": "runs this very test",
  "npx winnow run --docs ~/handbook --questions ~/questions.jsonl --budget 20": "trains for 20 minutes",
  "export WINNOW_LLM_BASE_URL=http://127.0.0.1:11434/v1 WINNOW_LLM_MODEL=llama3.2":
    "needs an LLM: tests/faults/llm.test.ts",
  "npx winnow llm check": "needs an LLM: client/llmCheck.test.ts",
  'npx winnow releases approve --corpus handbook --reason "read the report"':
    "needs a candidate that waits: tests/workflows/approval.test.ts",
};

/** Commands of a page without duplicates. */
async function commandsOf(page: string): Promise<string[]> {
  return [...new Set(shellCommands(await readFile(join(root, page), "utf8")))];
}

/** A person's shell in the folder of the clone, with an empty home folder. */
class Shell {
  private readonly serving: ChildProcess[] = [];
  constructor(
    private readonly person: string,
    readonly home: string,
  ) {}

  run(command: string, more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const child = this.spawn(command, more);
    const outcome: Outcome = { code: null, stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        outcome[stream] += text;
      });
    return new Promise((settle) => child.once("close", (code) => settle({ ...outcome, code })));
  }

  /** Starts a command that serves until it is stopped. Resolves once it serves. */
  async serve(command: string): Promise<void> {
    const child = this.spawn(command, {});
    this.serving.push(child);
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdout!.resume();
    await expect.poll(() => said, { timeout: 180_000 }).toContain("Serving. Ctrl-C stops");
  }

  async end(): Promise<void> {
    for (const child of this.serving) {
      const gone = new Promise((settle) => child.once("close", settle));
      process.kill(-child.pid!, "SIGTERM");
      await gone;
    }
  }

  private spawn(command: string, more: NodeJS.ProcessEnv): ChildProcess {
    const path = [join(cache, "bin"), process.env.PATH].join(delimiter);
    const own = { HOME: this.person, WINNOW_HOME: this.home, WINNOW_CACHE: cache, PATH: path };
    const env = { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", ...own, ...more };
    return spawn("bash", ["-c", command], { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  }
}

describe("the commands of README and tutorial, in their order", async () => {
  const readme = await commandsOf("README.md");
  const tutorial = await commandsOf("docs/tutorial.md");
  let shell: Shell;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const { home } = await sampleRelease(inject("shared"));
    const fresh = await freshHome();
    remove = fresh.remove;
    const [person, copy] = [join(fresh.home, "person"), join(fresh.home, "state")];
    await mkdir(person);
    await cp(home, copy, { recursive: true });
    shell = new Shell(person, copy);
  }, 900_000);
  afterAll(async () => {
    await shell?.end();
    await remove?.();
  }, 60_000);

  /** The command as it runs here. A placeholder stands for the newest release of the tutorial's corpus. */
  async function runnable(command: string): Promise<string> {
    const known = INSTEAD[command] ?? command;
    if (!/\bID\b/.test(known)) return known;
    const { releases } = await winnowJson<{ releases: ReleaseSummary[] }>(shell.home, [
      "releases",
      "--corpus",
      "handbook",
    ]);
    return known.replace(/\bID\b/, releases[0]!.id);
  }

  async function succeeds(command: string): Promise<void> {
    if (command === "npm start") return shell.serve(INSTEAD[command]!);
    const { code, stdout, stderr } = await shell.run(await runnable(command), await serverOf(command));
    expect(code, `${command}\n${stdout}\n${stderr}`).toBe(0);
  }

  /** The other commands find the server by the state folder; `temporal` expects it at its usual port. */
  async function serverOf(command: string): Promise<NodeJS.ProcessEnv> {
    if (!command.startsWith("temporal")) return {};
    const { temporal } = await winnowJson<{ temporal: string }>(shell.home, ["status"]);
    return { TEMPORAL_ADDRESS: temporal };
  }

  const run = (commands: string[]) => commands.filter((command) => !NOT_HERE[command]);

  it.each(run(readme))("README: %s", (command) => succeeds(command), 120_000);
  it.each(run(tutorial))("tutorial: %s", (command) => succeeds(command), 240_000);

  it("ends with the tutorial's first champion, and with every change in its ledger", async () => {
    const { releases } = await winnowJson<{ releases: ReleaseSummary[] }>(shell.home, [
      "releases",
      "--corpus",
      "handbook",
    ]);
    // The newest first: the second measured release, the first one, and the one that served before it was measured.
    expect(releases.map(({ champion, unmeasured = false }) => [champion, unmeasured])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
  });

  it("lists commands once: those that cannot run here are in the pages, with options that exist", () => {
    const all = [...readme, ...tutorial];
    for (const command of [...Object.keys(INSTEAD), ...Object.keys(NOT_HERE)]) expect(all).toContain(command);
    expect(Object.keys(NOT_HERE).map(winnowProblem).filter(Boolean)).toEqual([]);
  });
});
