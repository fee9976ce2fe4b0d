import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { rerank as rerankOnce } from "../../client/rerank.ts";
import { search as searchOnce } from "../../client/search.ts";
import { localSettings } from "../../client/testing/settings.ts";
import type { modelListSchema } from "../../contracts/chat.ts";
import type { SearchResult } from "../../contracts/passage.ts";
import type { RerankReply } from "../../contracts/rerank.ts";
import { type LocalServer, localServer } from "../testing/localDoors.ts";

const QUESTION = "what is red pod";
const DOCUMENTS = ["the node is blue", "the pod is red", "create a job"];

let server: LocalServer;
beforeAll(async () => {
  server = await localServer();
});
afterAll(() => server.end());

const get = (path: string) => server.app.request(path, { headers: { host: "localhost" } });
const posted = async <T = unknown>(path: string, body: unknown) => {
  const response = await server.post(path, body);
  return { status: response.status, body: (await response.json()) as T };
};

describe("search", () => {
  it("gives the document of `winnow search --json`", async () => {
    const { status, body } = await posted("/v1/search", { question: QUESTION, k: 3 });
    expect(status).toBe(200);
    expect(body).toEqual(await searchOnce(localSettings(server.tiny.home), QUESTION, { k: 3 }));
  });

  it("gives each passage by its id", async () => {
    const { body } = await posted<SearchResult>("/v1/search", { question: QUESTION, k: 1, corpus: "things" });
    const { id, page, text } = body.passages[0]!;
    const response = await get(`/v1/passages/${id}?corpus=things`);
    expect(await response.json()).toMatchObject({
      release: server.release.id,
      corpus: "things",
      passage: { id, page, text },
    });
    const unknown = await get("/v1/passages/0123456789abcdef");
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: "UnknownPassage" } });
  });

  it.each([
    ["no question", {}, 400, "BadInput"],
    ["an empty question", { question: "  " }, 400, "BadInput"],
    ["a huge question", { question: "a".repeat(10_001) }, 400, "BadInput"],
    ["a number as question", { question: 7 }, 400, "BadInput"],
    ["too many passages", { question: "a", k: 101 }, 400, "BadInput"],
    ["an unknown field", { question: "a", depth: 3 }, 400, "BadInput"],
    ["a list", [], 400, "BadInput"],
    ["no JSON", "{", 400, "BadInput"],
    ["invalid UTF-8", Uint8Array.from([0x22, 0xff, 0x22]), 400, "BadInput"],
    ["an unknown release", { question: "a", release: "ffffffffffff" }, 404, "UnknownRelease"],
    ["an unknown corpus", { question: "a", corpus: "other" }, 404, "UnknownRelease"],
    ["a corpus that is a path", { question: "a", corpus: "../etc" }, 400, "BadInput"],
  ])("refuses %s", async (_, body, status, code) => {
    expect(await posted("/v1/search", body)).toMatchObject({ status, body: { error: { code } } });
  });
});

describe("rerank", () => {
  it.each(["/v1/rerank", "/v2/rerank", "/rerank"])("%s gives P(relevant) as Cohere, Jina and vLLM do", async (path) => {
    const given = [DOCUMENTS[0], { text: DOCUMENTS[1], id: 4 }, DOCUMENTS[2]];
    const { body } = await posted<RerankReply>(path, {
      model: "winnow",
      query: QUESTION,
      documents: given,
      user: "ada",
    });
    const { scores } = await rerankOnce(localSettings(server.tiny.home), QUESTION, DOCUMENTS);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^rerank-/),
      model: `winnow@${server.release.id}`,
      meta: { api_version: { version: "2" }, warnings: [] },
    });
    expect(body.results.map(({ index }) => index)).toEqual(scores.map(({ index }) => index));
    for (const [at, result] of body.results.entries()) {
      expect(result.relevance_score).toBeCloseTo(scores[at]!.probability, 5);
      expect(result.logit).toBeCloseTo(scores[at]!.logit, 5);
      expect(result).not.toHaveProperty("document");
    }
    const tokens = scores.reduce((sum, score) => sum + score.tokens, 0);
    expect(body.usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
  });

  it("returns the best few with their documents if asked to", async () => {
    const { body } = await posted<RerankReply>("/v1/rerank", {
      ...{ query: QUESTION, documents: DOCUMENTS, top_n: 2, return_documents: true },
    });
    expect(body.results).toHaveLength(2);
    for (const { index, document } of body.results) expect(document).toEqual({ text: DOCUMENTS[index] });
  });

  it("scores empty documents 0, and reports those and what was cut", async () => {
    const long = "the pod is red ".repeat(300);
    const { body } = await posted<RerankReply>("/v2/rerank", {
      query: QUESTION.repeat(20),
      documents: ["", long, "a pod", " "],
    });
    expect(body.results.slice(2)).toEqual([
      { index: 0, relevance_score: 0, logit: null, truncated: false },
      { index: 3, relevance_score: 0, logit: null, truncated: false },
    ]);
    expect(body.results.find(({ index }) => index === 1)!.truncated).toBe(true);
    expect(body.meta.warnings).toEqual([
      expect.stringMatching(/^the query is longer/),
      expect.stringMatching(/read: 1(, 2)?$/),
      expect.stringMatching(/score 0: 0, 3$/),
    ]);
    const none = await posted<RerankReply>("/v2/rerank", { query: QUESTION, documents: ["", ""] });
    expect(none.body.results.map((each) => each.relevance_score)).toEqual([0, 0]);
  });

  it("gives TEI's array for `texts`, with probabilities or logits", async () => {
    const { body } = await posted("/rerank", { query: QUESTION, texts: DOCUMENTS, return_text: true });
    const { scores } = await rerankOnce(localSettings(server.tiny.home), QUESTION, DOCUMENTS);
    expect(body).toEqual(
      scores.map(({ index, probability }) => ({
        ...{ index, score: expect.closeTo(probability, 5), text: DOCUMENTS[index] },
      })),
    );
    const raw = await posted("/rerank", { query: QUESTION, texts: [...DOCUMENTS, ""], raw_scores: true });
    expect(raw.body).toEqual([
      ...scores.map(({ index, logit }) => ({ index, score: expect.closeTo(logit, 5) })),
      { index: 3, score: -20 },
    ]);
  });

  it.each([
    ["an unknown model", { model: "rerank-v3.5", query: "a", documents: ["b"] }, 404, /winnow, winnow:things/],
    ["an unknown release", { model: "winnow@ffff", query: "a", documents: ["b"] }, 404, /winnow, winnow:things/],
    ["an unknown corpus", { model: "winnow:other", query: "a", documents: ["b"] }, 404, /winnow, winnow:things/],
    ["no query", { documents: ["b"] }, 400, /query/],
    ["an empty query", { query: "", documents: ["b"] }, 400, /query: the question is empty/],
    ["no documents", { query: "a" }, 400, /either documents or texts/],
    ["an empty list", { query: "a", documents: [] }, 400, /there are no documents/],
    ["documents and texts", { query: "a", documents: ["b"], texts: ["c"] }, 400, /either documents or texts/],
    ["too many documents", { query: "a", documents: Array(1001).fill("b") }, 400, /at most 1,000 documents/],
    ["a huge document", { query: "a", documents: ["b".repeat(100_001)] }, 400, /100,000 characters/],
    ["a number as document", { query: "a", documents: [7] }, 400, /documents\.0/],
    ["a negative top_n", { query: "a", documents: ["b"], top_n: -1 }, 400, /top_n/],
    ["null", null, 400, /body/],
  ])("refuses %s in the shapes of Cohere, Jina and vLLM", async (_, body, status, message) => {
    const refused = await posted("/v2/rerank", body);
    const text = expect.stringMatching(message);
    expect(refused).toMatchObject({ status, body: { message: text, detail: text, error: { message: text } } });
  });

  it.each([
    ["a wrong type", { query: "a", texts: "b" }, 400, /texts/],
    ["an unknown model", { query: "a", texts: ["b"], model: "bge" }, 404, /winnow/],
  ])("refuses %s in the shape of TEI", async (_, body, status, error) => {
    const refused = await posted("/rerank", body);
    expect(refused).toEqual({ status, body: { error: expect.stringMatching(error), error_type: "Validation" } });
  });

  it("refuses a body beyond 16 MB unread", async () => {
    const documents = Array(900).fill("x".repeat(20_000));
    expect((await posted("/rerank", { query: "a", documents })).status).toBe(413);
  });
});

describe("models", () => {
  it("lists the default, the corpus and the release, each with its release", async () => {
    const body = (await (await get("/v1/models")).json()) as z.infer<typeof modelListSchema>;
    const own = server.release.id;
    expect(body.object).toBe("list");
    expect(body.data.map(({ id }) => id)).toEqual(["winnow", "winnow:things", `winnow@${own}`]);
    expect(body.data[0]).toEqual({
      ...{ id: "winnow", object: "model", created: expect.any(Number), owned_by: "winnow" },
      winnow: { release: own, corpus: "things", ranking: "reranked", champion: true },
    });
    expect(await (await get("/v1/models/winnow:things")).json()).toMatchObject({ id: "winnow:things" });
  });

  it("names the models there are for an unknown one", async () => {
    const response = await get("/v1/models/gpt-4o");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: {
        ...{ type: "not_found_error", param: "model", code: "model_not_found" },
        message: expect.stringMatching(/no model "gpt-4o": the models are winnow, winnow:things/),
      },
    });
  });
});

describe("Dify's retrieval", () => {
  it("gives passages above the score, each with its place", async () => {
    const setting = { top_k: 3, score_threshold: 0 };
    const { body } = await posted<{ records: unknown[] }>("/retrieval", {
      knowledge_id: "things",
      query: QUESTION,
      retrieval_setting: setting,
    });
    const { passages, threshold } = await searchOnce(localSettings(server.tiny.home), QUESTION, { k: 3 });
    expect(body.records).toEqual(
      passages.map(({ id, text, scores, heading, page, url, lines }) => ({
        ...{ content: text, score: scores.relevance, title: heading.join(" > ") },
        metadata: { path: page, url, heading, lines, passage: id, release: server.release.id, threshold },
      })),
    );
    const none = await posted("/retrieval", {
      ...{ knowledge_id: "winnow", query: QUESTION, retrieval_setting: { top_k: 3, score_threshold: 1 } },
    });
    expect(none).toEqual({ status: 200, body: { records: [] } });
  });

  it.each([
    ["an unknown knowledge", { knowledge_id: "other", query: "a" }, 404, 2001],
    ["no query", { knowledge_id: "things" }, 400, 400],
    ["a filter", { knowledge_id: "things", query: "a", metadata_condition: { conditions: [{}] } }, 400, 400],
    ["a score beyond 1", { knowledge_id: "things", query: "a", retrieval_setting: { score_threshold: 2 } }, 400, 400],
  ])("refuses %s by Dify's code", async (_, body, status, code) => {
    const refused = await posted("/retrieval", body);
    expect(refused).toEqual({ status, body: { error_code: code, error_msg: expect.any(String) } });
  });
});

describe("a server with a token", () => {
  let guarded: LocalServer;
  beforeAll(async () => {
    guarded = await localServer({ tokens: ["secret"] });
  });
  afterAll(() => guarded.end());

  it.each([
    ["/retrieval", "secret", { error_code: 1001 }],
    ["/retrieval", "Bearer wrong", { error_code: 1002 }],
    ["/v1/models", "Bearer wrong", { error: { code: "invalid_api_key", type: "authentication_error" } }],
    ["/v2/rerank", "Bearer wrong", { message: expect.stringMatching(/token/) }],
    ["/v1/search", "Bearer wrong", { error: { code: "Unauthorized" } }],
  ])("refuses %s with %j in the protocol's shape", async (path, authorization, body) => {
    const response = await guarded.post(path, {}, { authorization });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject(body);
  });
});

it("openapi.json describes each route, with the errors of its protocol", async () => {
  const { paths } = (await (await get("/openapi.json")).json()) as { paths: Record<string, Record<string, unknown>> };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      ...["/v1/search", "/v1/passages/{id}", "/v1/rerank", "/v2/rerank", "/rerank", "/v1/models", "/v1/models/{id}"],
      ...["/v1/chat/completions", "/retrieval"],
    ]),
  );
  const described = JSON.stringify(paths["/retrieval"]!.post);
  expect(described).toMatch(/"404":.*error_code/);
  expect(described).toContain("score_threshold");
});
