import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startPool } from "../../bench/deployment.ts";
import { readStack, type StackInfo } from "../../client/stackFile.ts";
import { type CliConfig, readCliConfig } from "../../config/cliConfig.ts";
import { plainAccess } from "../../config/temporalAccess.ts";
import { type Outcome, root, winnow } from "../e2e/command.ts";
import { isAlive } from "../isAlive.ts";
import { descendants, signal } from "./processes.ts";

export const CORPUS = "soak";
/** Every fifth sample question measures a release, which takes long; clients ask all of them. */
const EVERY = 5;
const START_MS = 20 * 60_000;
/** As a process manager would wait. */
const RESTART_MS = 1000;
/** Options of the scheduled runs: each trains, for a few steps. */
const TRAINING = ["--budget", "0.2", "--least-steps", "1", "--retrain", "always"];

/** The second one is never killed in the second half. */
export const QUERY_WORKERS = ["query worker 1", "query worker 2"] as const;

/** `winnow up` on the sample docs in a home of its own, and two query workers beside it. */
export class Product {
  readonly folder = mkdtempSync(join(tmpdir(), "winnow-soak-"));
  readonly home = join(this.folder, "home");
  readonly docs = join(this.folder, "docs");
  readonly questions = join(this.folder, "questions.jsonl");
  /** For temporary files of every process, so that those left behind are seen. */
  readonly temporary = join(this.folder, "tmp");
  readonly config: CliConfig;
  private up: ChildProcess | null = null;
  private readonly pools = new Map<string, ChildProcess>();
  private readonly killed = new Set<number>();
  private stopping = false;

  constructor(private readonly fail: (reason: string) => void) {
    const samples = join(root, "samples");
    mkdirSync(this.temporary);
    cpSync(join(samples, "docs"), this.docs, { recursive: true });
    const lines = readFileSync(join(samples, "questions.jsonl"), "utf8").trim().split("\n");
    writeFileSync(this.questions, lines.filter((_, at) => at % EVERY === 0).join("\n"));
    this.config = readCliConfig(this.env);
  }

  get env(): NodeJS.ProcessEnv {
    // Without a limit, a worker keeps an engine for each release that there is memory for.
    const own = { WINNOW_HOME: this.home, TMPDIR: this.temporary, WINNOW_LOG_LEVEL: "error", WINNOW_ENGINES: "2" };
    return { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", ...own };
  }

  /** Output of `winnow up`. */
  get said(): string {
    return existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
  }

  private get log(): string {
    return join(this.folder, "up.log");
  }

  get stack(): StackInfo | null {
    return readStack(this.config);
  }

  /** Options of the runs that `winnow up` and the schedule start. */
  private get runOptions(): string[] {
    return ["--docs", this.docs, "--questions", this.questions, "--name", CORPUS];
  }

  /** Options of the scheduled runs. */
  get trainingOptions(): string[] {
    return [...this.runOptions, ...TRAINING];
  }

  /** Runs `winnow` with this home, as a user would. */
  run(...args: string[]): Promise<Outcome> {
    return winnow(this.home, args, { env: this.env });
  }

  /** Starts everything, and waits until the first release serves. Throws an Error with what was said. */
  async start(): Promise<void> {
    const args = [join(root, "cli", "winnow.mjs"), "up", ...this.runOptions, "--budget", "0"];
    const child = spawn(process.execPath, args, { cwd: root, env: this.env, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (text: Buffer) => appendFileSync(this.log, text));
    child.once("exit", (code, by) => {
      if (!this.stopping) this.fail(`\`winnow up\` ended (${by ?? code}): ${this.said.slice(-2000)}`);
    });
    this.up = child;
    for (const deadline = Date.now() + START_MS; !this.said.includes("Serving. Ctrl-C stops"); await delay(500)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`\`winnow up\` serves nothing: ${this.said}`);
    }
    for (const name of QUERY_WORKERS) await this.startPool(name);
  }

  private async startPool(name: string): Promise<void> {
    const child = await startPool("query", plainAccess(this.env, this.stack!.address, this.config.namespace));
    this.pools.set(name, child);
    child.once("exit", async (code, by) => {
      if (this.stopping) return;
      if (!this.wasKilled(child.pid!)) this.fail(`${name} ended by itself (${by ?? `exit ${code}`})`);
      await delay(RESTART_MS);
      if (this.stopping) return;
      await this.startPool(name).catch((error) => this.fail(`${name} did not start again: ${error.message}`));
    });
  }

  /** Ids of the long-lived processes that run now, by name. */
  processes(): Record<string, number> {
    const stack = this.stack;
    const found: Record<string, number | null | undefined> = {
      "winnow up": this.up?.pid,
      server: stack?.serverPid,
      workers: stack?.workerPid,
      api: stack?.apiPid,
      ...Object.fromEntries([...this.pools].map(([name, { pid }]) => [name, pid])),
    };
    const alive = Object.entries(found).filter((entry): entry is [string, number] => !!entry[1] && isAlive(entry[1]));
    return Object.fromEntries(alive);
  }

  /** Kills a process without warning. False if it is gone. */
  killHard(pid: number): boolean {
    const killed = signal(pid, "SIGKILL");
    if (killed) this.killed.add(pid);
    return killed;
  }

  /** True if the soak has killed this process: the end of any other is a fault, though it starts again. */
  wasKilled(pid: number): boolean {
    return this.killed.has(pid);
  }

  /** Ends everything as a user and a process manager would. Returns the exit code of `winnow up`. */
  async stop(): Promise<number | null> {
    this.stopping = true;
    const ending = [...this.pools.values()].map((child) => ended(child, "SIGTERM"));
    await Promise.all(ending);
    return this.up === null ? null : ended(this.up, "SIGTERM");
  }

  /** Kills what runs, after an exception. */
  async kill(): Promise<void> {
    this.stopping = true;
    const { serverPid, workerPid, apiPid } = this.stack ?? {};
    // A stopped process does not see that its parent is gone.
    const below = [...this.pools.values()].flatMap(({ pid }) => descendants(pid!));
    if (this.up) await ended(this.up, "SIGKILL");
    await Promise.all([...this.pools.values()].map((child) => ended(child, "SIGKILL")));
    for (const pid of below) if (isAlive(pid)) signal(pid, "SIGKILL");
    // Each leads a process group.
    for (const pid of [workerPid, apiPid, serverPid]) if (pid && isAlive(pid)) signal(-pid, "SIGKILL");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess, by: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = new Promise<number | null>((settle) => child.once("exit", (code) => settle(code)));
  child.kill(by);
  return gone;
}
