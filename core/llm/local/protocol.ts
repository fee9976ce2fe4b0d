import type { ChatMessage } from "../llm.ts";

/** What the worker tells the process of a local model, by message: a process list shows arguments. */
export interface LocalStart {
  type: "start";
  /** Folder that holds node-llama-cpp. */
  runtime: string;
  /** The model's GGUF file. */
  file: string;
  /** Pinned digest of the file; null for the user's own. */
  sha256: string | null;
  /** Name of the model in replies. */
  model: string;
  /** Bearer token that every request must carry. */
  token: string;
  /** Threads; undefined leaves the choice to the library. */
  threads?: number;
}

/** What the process answers: once ready, or why it cannot be. */
export type LocalReply = ({ type: "ready"; port: number } & Speed) | { type: "failed"; reason: string };

/** Measured at start, on a prompt of a few hundred tokens. */
export interface Speed {
  /** Tokens written a second. */
  writes: number;
  /** Prompt tokens read a second. */
  reads: number;
}

/** Reply of a model to a chat. */
export interface Written {
  text: string;
  /** True if a limit of length, time or repetition ended the text. */
  cut: boolean;
  promptTokens: number;
  tokens: number;
}

/** Limits of one reply. */
export interface WriteLimits {
  maxTokens: number;
  temperature: number;
  /** Deadline of the text, in milliseconds. The text written until then counts. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** A loaded model. Callers take turns. */
export interface LocalModel {
  write(messages: ChatMessage[], limits: WriteLimits): Promise<Written>;
}

/** Thrown when the time of a reply is over before its first word. */
export class TooSlow extends Error {
  constructor() {
    super("the model did not begin its answer in time: it is too slow here");
  }
}
