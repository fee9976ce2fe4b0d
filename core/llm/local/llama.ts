import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ChatMessage } from "../llm.ts";
import { type LocalModel, type LocalStart, type Speed, TooSlow } from "./protocol.ts";
import { withoutLoop } from "./repetition.ts";

/** The part of node-llama-cpp in use. It is installed on first use, so its own types cannot be imported. */
interface Library {
  getLlama(options: object): Promise<{
    loadModel(options: { modelPath: string }): Promise<{
      createContext(options: object): Promise<{ contextSize: number; getSequence(): Sequence }>;
    }>;
  }>;
  LlamaChatSession: new (options: { contextSequence: Sequence; autoDisposeSequence: boolean }) => Session;
}

interface Sequence {
  tokenMeter: { getState(): object; diff(before: object): { usedInputTokens: number; usedOutputTokens: number } };
}

interface Session {
  setChatHistory(history: ({ type: "system" | "user"; text: string } | { type: "model"; response: string[] })[]): void;
  promptWithMeta(text: string, options: object): Promise<{ responseText: string; stopReason: string }>;
  dispose(): void;
}

/** Enough for the passages of a question. A larger context costs memory. */
const CONTEXT = { min: 2048, max: 8192 };
const PROBE_WORDS = 120;
const PROBE_TEXT = Array.from(
  { length: PROBE_WORDS / 12 },
  () => "Each page of the manual names its author and its date. ",
).join("");
const PROBE_TOKENS = 24;
const PROBE_MS = 20_000;

/** Loads a GGUF file with node-llama-cpp. Throws what the library throws, such as for a file it cannot read. */
export async function loadLlama({ runtime, file, threads }: Pick<LocalStart, "runtime" | "file" | "threads">) {
  const entry = join(runtime, "node_modules", "node-llama-cpp", "dist", "index.js");
  const library = (await import(pathToFileURL(entry).href)) as Library;
  const quiet = { progressLogs: false, logLevel: "error" };
  const limits = threads === undefined ? {} : { maxThreads: threads };
  const llama = await library.getLlama({ gpu: false, build: "never", skipDownload: true, ...limits, ...quiet });
  const model = await llama.loadModel({ modelPath: file });
  const context = await model.createContext({ contextSize: CONTEXT, sequences: 1 });
  const sequence = context.getSequence();
  return modelOn(
    sequence,
    () => new library.LlamaChatSession({ contextSequence: sequence, autoDisposeSequence: false }),
  );
}

function modelOn(sequence: Sequence, open: () => Session): LocalModel {
  return {
    async write(messages, { maxTokens, temperature, timeoutMs, signal }) {
      const session = open();
      const ended = new AbortController();
      const timer = setTimeout(() => ended.abort(), timeoutMs);
      const before = sequence.tokenMeter.getState();
      let text = "";
      let unlooped: string | null = null;
      const onTextChunk = (chunk: string) => {
        text += chunk;
        unlooped ??= withoutLoop(text);
        if (unlooped !== null) ended.abort();
      };
      try {
        session.setChatHistory(historyOf(messages.slice(0, -1)));
        const { responseText, stopReason } = await session.promptWithMeta(messages.at(-1)?.content ?? "", {
          ...{ maxTokens, temperature, onTextChunk, stopOnAbortSignal: true },
          signal: AbortSignal.any([signal, ended.signal]),
        });
        signal.throwIfAborted();
        const used = sequence.tokenMeter.diff(before);
        return {
          text: unlooped ?? responseText,
          cut: unlooped !== null || stopReason === "maxTokens" || stopReason === "abort",
          promptTokens: used.usedInputTokens,
          tokens: used.usedOutputTokens,
        };
      } catch (error) {
        throw ended.signal.aborted && !signal.aborted ? new TooSlow() : error;
      } finally {
        clearTimeout(timer);
        session.dispose();
      }
    },
  };
}

function historyOf(messages: ChatMessage[]) {
  return messages.map(({ role, content }) => ({ type: role, text: content }));
}

/** Measures how fast the model reads and writes here, by a short chat. A model that takes too long writes nothing. */
export async function probe(model: LocalModel): Promise<Speed> {
  const never = new AbortController().signal;
  const limits = { temperature: 0, timeoutMs: PROBE_MS, signal: never };
  const chat = [{ role: "user" as const, content: `${PROBE_TEXT}\nCount from 1 to 100 in words.` }];
  const timed = async (maxTokens: number) => {
    const started = performance.now();
    const { promptTokens, tokens } = await model.write(chat, { ...limits, maxTokens });
    return { promptTokens, tokens, seconds: (performance.now() - started) / 1000 };
  };
  try {
    const read = await timed(1);
    // What it has read it does not read again, so this is the time of writing.
    const written = await timed(PROBE_TOKENS);
    return { reads: read.promptTokens / read.seconds, writes: written.tokens / written.seconds };
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    return { reads: PROBE_WORDS / (PROBE_MS / 1000), writes: 0 };
  }
}
