import { encoderFacts } from "../encoderFacts.ts";
import type { EmbedderFamily, RerankerFamily } from "../family.ts";
import { readingOf } from "../reading.ts";
import { type Architecture, BERT, DISTILBERT, isOf, ROBERTA } from "./architectures.ts";
import { isBertBase, openBertBase } from "./baseModel.ts";
import { bertConfig } from "./config.ts";

/** Sentence-transformers models of an architecture of BERT's structure. */
function embedderOf(of: Architecture): EmbedderFamily {
  return {
    name: of.name,
    reads: reads(of),
    matches: ({ config, hasSafetensors, onnxFile }) => isOf(of, config) && (hasSafetensors || onnxFile === null),
    describe: async (folder) => encoderFacts(folder, await readingOf(folder), await bertConfig(folder)),
    async open(folder, options) {
      // Loaded on use, because it imports the ONNX runtime.
      const { openBertEmbedder } = await import("./embedder.ts");
      return openBertEmbedder(folder, await readingOf(folder), options);
    },
  };
}

/** Built from its weights: an encoder, a sequence classifier with one label, or a reranker that Winnow wrote. */
function rerankerOf(of: Architecture): RerankerFamily {
  return {
    name: of.name,
    reads: reads(of),
    matches: (folder) => isBertBase(of, folder),
    open: openBertBase,
  };
}

function reads({ modelTypes }: Architecture): string {
  const types = Object.keys(modelTypes).map((type) => JSON.stringify(type));
  return `model_type ${types.join(" or ")}`;
}

// Pure, so that the recipe of a step that only embeds leaves the rerankers' code out.
export const bertEmbedder = /* @__PURE__ */ embedderOf(BERT);
export const robertaEmbedder = /* @__PURE__ */ embedderOf(ROBERTA);
export const distilbertEmbedder = /* @__PURE__ */ embedderOf(DISTILBERT);

export const bertReranker = /* @__PURE__ */ rerankerOf(BERT);
export const robertaReranker = /* @__PURE__ */ rerankerOf(ROBERTA);
export const distilbertReranker = /* @__PURE__ */ rerankerOf(DISTILBERT);
