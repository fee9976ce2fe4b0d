import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { nodeOptions, ownModule } from "../../base/ownModules.ts";
import { type Llm, type LlmSettings, openLlm } from "../llm.ts";
import { LlmUnavailable } from "../llmErrors.ts";
import type { Installed } from "./installed.ts";
import type { LocalReply, LocalStart, Speed } from "./protocol.ts";

const MAIN = fileURLToPath(ownModule("./main.ts", import.meta.url));
/** Loading a large file from a slow disk takes long. */
const START_MS = 180_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const STDERR_TAIL = 1000;

export interface LocalOptions {
  threads?: number;
  /** The process's environment: paths of programs and libraries, and no secrets. */
  env: Record<string, string | undefined>;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** Told when the process ends by itself and is started again. */
  onProblem?: (reason: string) => void;
}

/** A model in a process of its own, which ends with this process. */
export interface LocalLlm {
  model: string;
  speed: Speed;
  /** The address of the endpoint and its token now. Throws LlmUnavailable while the process is started again. */
  endpoint(): LlmSettings;
  /** A client whose calls go to the process that runs at that moment. `limits` are those of each call. */
  open(limits?: (settings: LlmSettings) => LlmSettings): Llm;
  close(): void;
}

interface Running extends Speed {
  child: ChildProcess;
  settings: LlmSettings;
}

/**
 * Starts the model, measures its speed, and starts it again, with growing pauses, whenever its process ends by itself.
 * Throws ComputeCrashed when it does not start, with the reason.
 */
export async function startLocalLlm(installed: Installed, options: LocalOptions): Promise<LocalLlm> {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE_MS;
  let running: Running | null = null;
  const watch = (started: Running) => {
    running = started;
    started.child.once("exit", (code, signal) => again(`ended (${signal ?? `exit ${code}`})`));
    // It may have ended before this line.
    if (started.child.exitCode !== null || started.child.signalCode !== null) again("ended");
    if (closed) started.child.kill("SIGKILL");
  };
  const again = (how: string) => {
    if (closed || timer) return;
    running = null;
    options.onProblem?.(`the local LLM ${how}; starting it again in ${pause / 1000} s`);
    timer = setTimeout(() => {
      timer = undefined;
      start(installed, options).then(watch, (error) => again(`did not start: ${messageOf(error)}`));
    }, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  };
  const first = await start(installed, options);
  watch(first);
  const endpoint = () => {
    if (running === null) throw new LlmUnavailable("the local LLM is being started again");
    return running.settings;
  };
  return {
    model: installed.model,
    speed: { reads: first.reads, writes: first.writes },
    endpoint,
    open: (limits = (settings) => settings) => ({
      model: installed.model,
      complete: async (...call) => openLlm(limits(endpoint())).complete(...call),
    }),
    close() {
      closed = true;
      clearTimeout(timer);
      running?.child.kill("SIGKILL");
    },
  };
}

/** Starts one process and waits until it answers. */
function start(installed: Installed, { threads, env, signal }: LocalOptions): Promise<Running> {
  const token = randomBytes(24).toString("base64url");
  const child = fork(MAIN, [installed.file], {
    execArgv: nodeOptions(),
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let tail = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL);
  });
  const { runtime, file, sha256, model } = installed;
  child.send({ type: "start", runtime, file, sha256, model, token, threads } satisfies LocalStart, () => {});
  return new Promise((settle, fail) => {
    const refuse = (reason: string) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      child.kill("SIGKILL");
      fail(new WinnowError("ComputeCrashed", `The local LLM ${model} did not start: ${reason}`));
    };
    const timer = setTimeout(() => refuse(`not ready within ${START_MS / 1000} s`), START_MS);
    const stop = () => refuse("stopped");
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    child.once("error", (error) => refuse(error.message));
    child.once("exit", (code, signal) => refuse(`${signal ?? `exit ${code}`} ${tail.trim()}`.trim()));
    child.once("message", (reply: LocalReply) => {
      if (reply.type === "failed") return refuse(reply.reason);
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      child.removeAllListeners("exit");
      const { port, reads, writes } = reply;
      settle({ child, reads, writes, settings: { baseUrl: `http://127.0.0.1:${port}/v1`, model, apiKey: token } });
    });
  });
}
