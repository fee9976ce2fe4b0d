import { CohereClientV2, CohereError } from "cohere-ai";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rerank } from "../client/rerank.ts";
import { localSettings } from "../client/testing/settings.ts";
import { type Listening, listen } from "./server.ts";
import { type LocalServer, localServer } from "./testing/localDoors.ts";

// Clients that others wrote, through a socket, with a release that has models.

const QUESTION = "what is red pod";
const DOCUMENTS = ["the node is blue", "the pod is red", "create a job"];

let local: LocalServer;
let listening: Listening;
let address: string;

beforeAll(async () => {
  local = await localServer({ tokens: ["secret"] });
  listening = await listen(local.app, { host: "127.0.0.1", port: 0 });
  address = `http://127.0.0.1:${listening.port}`;
});
afterAll(async () => {
  await listening.close();
  await local.end();
});

const cohere = (token = "secret") => new CohereClientV2({ token, environment: address, maxRetries: 0 });

test("cohere-ai reranks with the docs' own reranker", async () => {
  const { results, meta } = await cohere().rerank({ model: "winnow", query: QUESTION, documents: DOCUMENTS, topN: 2 });
  const { scores } = await rerank(localSettings(local.tiny.home), QUESTION, DOCUMENTS);
  expect(results.map(({ index }) => index)).toEqual(scores.slice(0, 2).map(({ index }) => index));
  for (const [at, { relevanceScore }] of results.entries())
    expect(relevanceScore).toBeCloseTo(scores[at]!.probability, 5);
  expect(meta?.apiVersion?.version).toBe("2");
  expect(meta?.tokens?.inputTokens).toBe(scores.reduce((sum, { tokens }) => sum + tokens, 0));
});

test("cohere-ai reads the names of the models there are, and what a token lacks", async () => {
  const unknown = cohere().rerank({ model: "rerank-v3.5", query: QUESTION, documents: DOCUMENTS });
  await expect(unknown).rejects.toMatchObject({
    statusCode: 404,
    body: { message: expect.stringMatching(/winnow:things/) },
  });
  const refused = cohere("wrong").rerank({ model: "winnow", query: QUESTION, documents: DOCUMENTS });
  await expect(refused).rejects.toBeInstanceOf(CohereError);
  await expect(refused).rejects.toMatchObject({ statusCode: 401 });
});

test("openai lists the models, and reads one and none", async () => {
  const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: "secret", maxRetries: 0 });
  const ids: string[] = [];
  for await (const { id } of openai.models.list()) ids.push(id);
  expect(ids).toEqual(["winnow", "winnow:things", `winnow@${local.release.id}`]);
  expect(await openai.models.retrieve(ids[2]!)).toMatchObject({ id: ids[2], owned_by: "winnow" });
  await expect(openai.models.retrieve("gpt-4o")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
});
