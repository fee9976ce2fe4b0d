import { type Declared, text } from "./declare.ts";

/** `--llm`, an option of each command that may start workers. */
export const llm: Declared<string | undefined> = text(
  "<model>",
  "local: a small model in a process of the workers' own, installed on first use; local:FILE.gguf: your own model",
);
