import { randomUUID } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { RerankedBy } from "../../client/lookups.ts";
import {
  type RerankInput,
  type RerankReply,
  rerankInputSchema,
  rerankReplySchema,
  type TextsReply,
  textsReplySchema,
} from "../../contracts/rerank.ts";
import { RERANK_ERRORS } from "../errorSchema.ts";
import type { Failure } from "../failure.ts";
import { releaseModel, withModel } from "../models.ts";
import { openaiError } from "../openai.ts";
import type { Protocol } from "../protocol.ts";

const PATHS = ["/v1/rerank", "/v2/rerank", "/rerank"] as const;
const MB = 2 ** 20;
/** Positions in a warning. */
const SHOWN = 10;
/** `raw_scores` of an empty text, below those of any other. TEI's shape has no place for "none". */
const EMPTY_LOGIT = -20;

/** Every text of a request in served order. */
interface Ordered {
  index: number;
  text: string;
  probability: number;
  logit: number | null;
  truncated: boolean;
}

function routeOf(path: (typeof PATHS)[number]) {
  return createRoute({
    method: "post",
    path,
    summary: "P(relevant) of given documents for a query, in the shapes of Cohere, Jina, vLLM and (with `texts`) TEI.",
    request: { body: { required: true, content: { "application/json": { schema: rerankInputSchema } } } },
    responses: {
      ...RERANK_ERRORS,
      200: {
        description: "Documents by falling score; TEI's array for a request with `texts`.",
        content: { "application/json": { schema: z.union([rerankReplySchema, textsReplySchema]) } },
      },
    },
  });
}

/** Reranking by the reranker that was tuned on the docs, as other rerank servers offer theirs. */
export const rerank: Protocol = {
  paths: PATHS,
  maxBodyBytes: 16 * MB,
  errorBody: (failure, c) => (c.get("dialect") === "tei" ? teiError(failure) : commonError(failure)),
  register(app, doors) {
    for (const path of PATHS)
      app.openapi(
        routeOf(path),
        async (c) => {
          const input = c.req.valid("json");
          if (input.texts) c.set("dialect", "tei");
          const texts = textsOf(input);
          const { signal } = c.req.raw;
          const reranked = await withModel(doors, input.model, (choice) =>
            doors.rerank(input.query, texts, { ...choice, signal }),
          );
          const ordered = inOrder(texts, reranked).slice(0, input.top_n || texts.length);
          return c.json(input.texts ? teiReply(ordered, input) : reply(ordered, reranked, input), 200);
        },
        (result, c) => {
          if (result.success) return;
          const given: unknown = "data" in result ? result.data : null;
          const isTei = typeof given === "object" && given !== null && "texts" in given && !("documents" in given);
          if (isTei) c.set("dialect", "tei");
          return app.defaultHook?.(result, c);
        },
      );
  },
};

function textsOf({ documents, texts }: RerankInput): string[] {
  return texts ?? documents!.map((document) => (typeof document === "string" ? document : document.text));
}

/** Scored texts first, best first; then the empty ones, which count as irrelevant. */
function inOrder(texts: readonly string[], { scores }: RerankedBy): Ordered[] {
  const scored = scores.map(({ index, logit, probability, truncated }) => ({
    ...{ index, logit, probability, truncated },
    text: texts[index]!,
  }));
  const known = new Set(scores.map(({ index }) => index));
  const empty = texts.flatMap((text, index) =>
    known.has(index) ? [] : [{ index, text, logit: null, probability: 0, truncated: false }],
  );
  return [...scored, ...empty];
}

function reply(ordered: readonly Ordered[], reranked: RerankedBy, { return_documents }: RerankInput): RerankReply {
  const tokens = reranked.scores.reduce((sum, score) => sum + score.tokens, 0);
  return {
    id: `rerank-${randomUUID()}`,
    model: releaseModel(reranked.release),
    results: ordered.map(({ index, probability, logit, truncated, text }) => ({
      ...{ index, relevance_score: probability, logit, truncated },
      ...(return_documents ? { document: { text } } : {}),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    meta: {
      api_version: { version: "2" },
      tokens: { input_tokens: tokens },
      warnings: warnings(ordered, reranked),
    },
  };
}

function warnings(ordered: readonly Ordered[], { questionTruncated }: RerankedBy): string[] {
  const named = (chosen: readonly Ordered[]) => {
    const indexes = chosen.map(({ index }) => index).sort((a, b) => a - b);
    return `${indexes.slice(0, SHOWN).join(", ")}${indexes.length > SHOWN ? ` and ${indexes.length - SHOWN} more` : ""}`;
  };
  const cut = ordered.filter(({ truncated }) => truncated);
  const empty = ordered.filter(({ logit }) => logit === null);
  return [
    ...(questionTruncated ? ["the query is longer than the model reads: only its beginning counted"] : []),
    ...(cut.length > 0 ? [`only the beginning of these documents was read: ${named(cut)}`] : []),
    ...(empty.length > 0 ? [`these documents are empty, with score 0: ${named(empty)}`] : []),
  ];
}

function teiReply(ordered: readonly Ordered[], { raw_scores, return_text }: RerankInput): TextsReply {
  return ordered.map(({ index, text, probability, logit, truncated }) => ({
    index,
    score: raw_scores ? (logit ?? EMPTY_LOGIT) : probability,
    ...(return_text ? { text } : {}),
    ...(truncated ? { truncated } : {}),
  }));
}

/** Cohere reads `message`, Jina `detail`, vLLM's clients `error.message`. */
function commonError(failure: Failure): object {
  return { id: randomUUID(), message: failure.message, detail: failure.message, ...openaiError(failure) };
}

function teiError({ status, code, message }: Failure): object {
  const overloaded = code === "Busy" || status === 429;
  return { error: message, error_type: overloaded ? "Overloaded" : status < 500 ? "Validation" : "Backend" };
}
