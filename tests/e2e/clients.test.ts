import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CohereClientV2 } from "cohere-ai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Reranked } from "../../client/rerank.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { ChatExtension } from "../../contracts/chat.ts";
import type { SearchResult } from "../../contracts/passage.ts";
import { freePort } from "../ports.ts";
import { root, winnowJson } from "./command.ts";
import { sampleRelease, type UpResult } from "./sampleRelease.ts";

const QUESTION = "How do I create a Kubernetes Job?";
const DOCUMENTS = [
  "A taint keeps pods away from a node.",
  "kubectl create job db-migrate --image=checkout creates a Job that runs once.",
  "A CronJob starts Jobs on a timetable.",
];

/** Waits up to two minutes. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries === 600) throw new Error(`not so after two minutes: ${holds}`);
    await delay(200);
  }
}

describe("clients that others wrote, against `winnow serve`", () => {
  let home: string;
  let up: UpResult;
  let serving: ChildProcess;
  let address: string;

  beforeAll(async () => {
    ({ home, up } = await sampleRelease(inject("shared")));
    const port = `${await freePort()}`;
    serving = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), "serve", "--port", port], {
      cwd: root,
      env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", WINNOW_HOME: home },
      stdio: "ignore",
    });
    const file = join(home, "run", "stack.json");
    const url = () => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")).apiUrl as string | null) : null);
    await until(() => url() === `http://127.0.0.1:${port}`);
    address = url()!;
    // The workers may still be starting.
    const ready = () => fetch(`${address}/readyz`).catch(() => null);
    await until(async () => (await ready())?.status === 200);
  }, 600_000);
  afterAll(async () => {
    if (!serving || serving.exitCode !== null) return;
    const gone = new Promise((settle) => serving.once("exit", settle));
    serving.kill("SIGINT");
    await gone;
  });

  const openai = () => new OpenAI({ baseURL: `${address}/v1`, apiKey: "none", maxRetries: 0 });

  it("openai lists the release, and gets the answer of `winnow ask` from it, whole and as a stream", async () => {
    const models = (await openai().models.list()).data.map(({ id }) => id);
    expect(models.slice(0, 2)).toEqual(["winnow", `winnow:${up.corpus}`]);
    expect(models).toContain(`winnow@${up.release}`);
    const messages = [{ role: "user" as const, content: QUESTION }];
    const asked = await winnowJson<AskResult>(home, ["ask", QUESTION]);
    const completion = await openai().chat.completions.create({ model: `winnow@${up.release}`, messages });
    const { winnow } = completion as typeof completion & { winnow: ChatExtension };
    expect(winnow).toMatchObject({ kind: asked.kind, release: up.release, citations: asked.citations });
    const [{ message }] = completion.choices as [(typeof completion.choices)[number]];
    expect(message.content).toContain("**Sources**");
    expect(message.annotations).toHaveLength(asked.citations.length);
    const stream = openai().chat.completions.stream({ model: "winnow", messages });
    expect(await stream.finalContent()).toBe(message.content);
  });

  it("openai gets a refusal as content, and a follow-up is asked with its subject", async () => {
    const offTopic = [{ role: "user" as const, content: "good exercises for lower back pain" }];
    const refused = await openai().chat.completions.create({ model: "winnow", messages: offTopic });
    expect(refused.choices[0]!.message.content).toMatch(/This release answers from 0\.\d+/);
    const turns = [
      { role: "user" as const, content: "How do I drain a node?" },
      { role: "assistant" as const, content: "kubectl drain" },
      { role: "user" as const, content: "what about the volumes?" },
    ];
    const followed = await openai().chat.completions.create({ model: "winnow", messages: turns });
    const { winnow } = followed as typeof followed & { winnow: ChatExtension };
    expect(winnow.question).toBe("what about the volumes? (drain node)");
  });

  it("cohere-ai gets the scores of `winnow rerank`", async () => {
    const cohere = new CohereClientV2({ token: "none", environment: address, maxRetries: 0 });
    const { results } = await cohere.rerank({ model: "winnow", query: QUESTION, documents: DOCUMENTS });
    const args = ["rerank", QUESTION, "--passages", "-"];
    const { scores } = await winnowJson<Reranked>(home, args, { stdin: DOCUMENTS.join("\n") });
    expect(results.map(({ index }) => index)).toEqual(scores.map(({ index }) => index));
    expect(results[0]!.index).toBe(1);
    for (const [at, { relevanceScore }] of results.entries())
      expect(relevanceScore).toBeCloseTo(scores[at]!.probability, 3);
  });

  it("search gives what `winnow search` prints", async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ question: QUESTION, k: 5 });
    const response = await fetch(`${address}/v1/search`, { method: "POST", headers, body });
    const found = (await response.json()) as SearchResult;
    const printed = await winnowJson<SearchResult>(home, ["search", QUESTION, "--k", "5"]);
    expect(found.passages.map(({ id }) => id)).toEqual(printed.passages.map(({ id }) => id));
    expect({ ...found, passages: [] }).toEqual({ ...printed, passages: [] });
  });
});
