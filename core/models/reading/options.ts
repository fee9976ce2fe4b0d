import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { WinnowError } from "../../base/errors.ts";
import { badFile, smallObject } from "./files.ts";

/** File that `winnow models add` writes into a stored folder. It is part of the folder, so all machines read it. */
export const OPTIONS_FILE = "winnow_options.json";

const optionsSchema = z.strictObject({
  /** The model's name on its hub, such as `BAAI/bge-small-en-v1.5`, by which its preset is found. */
  name: z.string().min(1).optional(),
  /** Needed where neither architecture nor modules show it. */
  kind: z.enum(["embedder", "reranker"]).optional(),
  pooling: z.enum(["mean", "cls"]).optional(),
  /** One that is not given stays as the files or the preset state it. */
  prefixes: z.strictObject({ question: z.string().optional(), passage: z.string().optional() }).optional(),
  maxTokens: z.number().int().min(3).optional(),
});

/** What the operator stated about a model when installing it. */
export type ModelOptions = z.infer<typeof optionsSchema>;

/** Fewest tokens that leave room for a window of text beside a question, special tokens and prefixes. */
const FEWEST_TOKENS = 32;

/** Throws BadInput for options that no model can have. */
export function requireOptions(options: ModelOptions): void {
  const parsed = optionsSchema.safeParse(options);
  const { path, message } = parsed.error?.issues[0] ?? {};
  if (!parsed.success) throw new WinnowError("BadInput", `${path?.join(".") || "options"}: ${message}`);
  const { maxTokens } = parsed.data;
  if (maxTokens !== undefined && maxTokens < FEWEST_TOKENS)
    throw new WinnowError(
      "BadInput",
      `maxTokens: expected at least ${FEWEST_TOKENS}, so that a window of text fits, got ${maxTokens}`,
    );
}

/** The folder's options; empty if it has none. Throws BadModel naming the wrong field. */
export async function readOptions(dir: string): Promise<ModelOptions> {
  const parsed = optionsSchema.safeParse((await smallObject(dir, OPTIONS_FILE)) ?? {});
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw badFile(dir, OPTIONS_FILE, `${path.join(".") || "options"}: ${message}`);
}

/** Puts options into a folder that is about to be stored. */
export async function writeOptions(dir: string, options: ModelOptions): Promise<void> {
  await writeFile(join(dir, OPTIONS_FILE), `${JSON.stringify(optionsSchema.parse(options), null, 2)}\n`);
}
