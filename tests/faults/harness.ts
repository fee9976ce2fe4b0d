import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, Connection, type WorkflowHandle } from "@temporalio/client";
import { expect } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, type QueueName, WORKFLOWS } from "../../contracts/names.ts";
import { openReleases } from "../../core/storage/releases.ts";
import { openStore } from "../../core/storage/store.ts";
import { freePort } from "../ports.ts";
import { BUNDLES, temporalBinary } from "../server.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** A state folder, a server with a database file and worker processes. A test may kill all of them. */
export class Faults {
  readonly folder = mkdtempSync(join(tmpdir(), "winnow-faults-"));
  readonly home = join(this.folder, "home");
  readonly docs = join(this.folder, "docs");
  readonly store = openStore(this.home);
  readonly releases = openReleases(this.home, this.store);
  port = 0;
  /** Stderr of the worker processes. */
  log = "";
  private server: ChildProcess | null = null;
  private readonly workers: ChildProcess[] = [];
  private connection: Connection | null = null;

  constructor() {
    for (const folder of [this.docs, join(this.cache, "models", "all-MiniLM-L6-v2")])
      mkdirSync(folder, { recursive: true });
    mkdirSync(BUNDLES, { recursive: true });
    symlinkSync(BUNDLES, join(this.cache, "workflows"));
    writeFileSync(join(this.docs, "index.md"), "# Docs\n");
    writeFileSync(join(this.cache, "models", "all-MiniLM-L6-v2", "config.json"), "{}");
  }

  get cache(): string {
    return join(this.folder, "cache");
  }

  async startServer(): Promise<void> {
    this.port ||= await freePort();
    const database = join(this.folder, "temporal.db");
    const args = ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", `${this.port}`];
    this.server = spawn(temporalBinary(), [...args, "--db-filename", database, "--log-level", "never"], {
      stdio: "ignore",
    });
    await this.client();
  }

  async killServer(): Promise<void> {
    await kill(this.server!, "SIGKILL");
    await this.connection?.close().catch(() => {});
    this.connection = null;
  }

  async client(): Promise<Client> {
    for (const deadline = Date.now() + 60_000; ; ) {
      try {
        this.connection ??= await Connection.connect({ address: `127.0.0.1:${this.port}`, connectTimeout: 1000 });
        const client = new Client({ connection: this.connection });
        await client.workflowService.describeNamespace({ namespace: "default" });
        return client;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((settle) => setTimeout(settle, 200));
      }
    }
  }

  /** Forks a worker that polls `queues` (default: all). Resolves when it is ready, unless `ready` is false. */
  async startWorker(
    env: Record<string, string> = {},
    { ready = true, queues = [] as QueueName[] } = {},
  ): Promise<ChildProcess> {
    const worker = fork(WORKER, queues, {
      execArgv: ["--import", import.meta.resolve("tsx")],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        WINNOW_HOME: this.home,
        WINNOW_CACHE: this.cache,
        TEMPORAL_ADDRESS: `127.0.0.1:${this.port}`,
        TEMPORAL_CONFIG_FILE: "",
        ...env,
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    worker.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
    });
    this.workers.push(worker);
    if (ready) await isReady(worker, () => this.log);
    return worker;
  }

  /** Waits until `look` returns true. Fails with the workers' stderr if `worker` ends, or after a minute. */
  async until(worker: ChildProcess, look: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 60_000; !(await look()); ) {
      const ended = worker.exitCode ?? worker.signalCode;
      if (ended !== null) throw new Error(`the worker ended (${ended}): ${this.log}`);
      if (Date.now() > deadline) throw new Error(`not so after a minute; the workers said: ${this.log}`);
      await new Promise((settle) => setTimeout(settle, 100));
    }
  }

  /** Starts a run whose training lasts `trainSeconds`. */
  async startPipeline(input: object = {}, trainSeconds = 6): Promise<WorkflowHandle> {
    const client = await this.client();
    return client.workflow.start(WORKFLOWS.pipeline, {
      workflowId: `pipeline-${randomUUID().slice(0, 8)}`,
      taskQueue: QUEUES.main,
      args: [{ docs: { path: this.docs, name: "faults" }, training: { budgetMinutes: trainSeconds / 60 }, ...input }],
    });
  }

  /** Asks a question. Returns its result, or the failure at the bottom of the chain. */
  async ask(
    question: string,
    corpus?: string,
  ): Promise<{ result?: AskResult; failure?: Error & { type?: string }; handle: WorkflowHandle }> {
    const client = await this.client();
    const options = {
      workflowId: `ask-${randomUUID().slice(0, 8)}`,
      taskQueue: QUEUES.main,
      args: [{ question, corpus }],
    };
    const handle = await client.workflow.start(WORKFLOWS.ask, options);
    try {
      return { handle, result: (await handle.result()) as AskResult };
    } catch (thrown) {
      let failure = thrown as Error;
      while (failure.cause instanceof Error) failure = failure.cause;
      return { handle, failure };
    }
  }

  /** Waits until the train stage, or another one, has reported a step. Returns the id of its compute process. */
  async computePid(handle: WorkflowHandle, activity = "train"): Promise<number> {
    let pid = 0;
    const look = async () => {
      const { raw } = await handle.describe();
      const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
      const data = pending?.heartbeatDetails?.payloads?.[0]?.data;
      const note = data ? (JSON.parse(Buffer.from(data).toString()) as { note?: string }).note : undefined;
      pid = Number(/^pid (\d+)$/.exec(note ?? "")?.[1] ?? 0);
      return pid;
    };
    await expect.poll(look, { timeout: 60_000 }).toBeGreaterThan(0);
    return pid;
  }

  /** `computePid` of the training. */
  trainerPid(handle: WorkflowHandle): Promise<number> {
    return this.computePid(handle);
  }

  /** Published artifacts of a stage, and leftover drafts. */
  artifacts(stage: string): { published: string[]; drafts: string[] } {
    const folder = join(this.home, "artifacts", stage);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return { published: names.filter((name) => !name.startsWith(".")), drafts: names.filter((n) => n.startsWith(".")) };
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => kill(worker, "SIGKILL")));
    if (this.server) await this.killServer();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isReady(worker: ChildProcess, log: () => string): Promise<void> {
  return new Promise((settle, fail) => {
    worker.once("message", () => settle());
    worker.once("exit", (code) => fail(new Error(`the worker ended at start (${code}): ${log()}`)));
  });
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = new Promise<number | null>((settle) => child.once("exit", settle));
  child.kill(signal);
  return gone;
}
