import { WinnowError } from "../../base/errors.ts";
import type { ModelDescription } from "../reading/description.ts";
import { readModelFolder } from "../reading/readModelFolder.ts";
import type { Reading } from "./family.ts";
import type { ModelFolder } from "./modelFolder.ts";

const descriptions = new WeakMap<ModelFolder, Promise<ModelDescription>>();

/** What the folder's files say about the model, read once even if several families ask. Throws BadModel. */
export function descriptionOf(folder: ModelFolder): Promise<ModelDescription> {
  const description = descriptions.get(folder) ?? readModelFolder(folder.dir);
  descriptions.set(folder, description);
  return description;
}

/** How the embedder in a folder reads texts. Throws BadModel, also if it is a reranker. */
export async function readingOf(folder: ModelFolder): Promise<Reading> {
  const { kind, pooling, prefixes, maxTokens } = await descriptionOf(folder);
  if (kind === "reranker") throw new WinnowError("BadModel", `${folder.dir} holds a reranker, expected an embedder`);
  return { pooling, prefixes: { questions: prefixes.question, passages: prefixes.passage }, maxTokens };
}
