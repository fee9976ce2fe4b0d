import type { Client } from "@temporalio/client";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderAsked } from "../../cli/commands/questionsList.ts";
import { ask } from "../../client/ask.ts";
import { type AskedOptions, type AskedQuestions, askedQuestions } from "../../client/askedQuestions.ts";
import { startTestServer } from "../server.ts";
import { stage, withWorkers } from "./stubs.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

const asked = (options: AskedOptions = {}) => askedQuestions(env.client as Client, options);
/** Visibility lags behind. */
const whenListed = async (n: number, options: AskedOptions = {}) => {
  let found: AskedQuestions | null = null;
  await expect
    .poll(async () => {
      found = await asked(options);
      return found.questions.length;
    })
    .toBe(n);
  return found!;
};

test("lists what was refused with its count, without answered questions and demonstrations", async () => {
  const client = env.client as Client;
  await withWorkers(env, stage({ abstain: true }), async () => {
    await ask(client, "how do I grow tulips?");
    await ask(client, "  How do I grow  TULIPS?");
    await ask(client, "and daffodils?", { corpus: "sample" });
    await ask(client, "a demonstration?", { demo: true });
  });
  await withWorkers(env, stage(), () => ask(client, "how do I make a job?"));
  const all = await whenListed(3);
  expect(all.questions.map(({ question, kind }) => [question, kind])).toContainEqual([
    "how do I make a job?",
    "extractive",
  ]);
  const refused = await whenListed(2, { refused: true, corpus: "sample" });
  expect(refused).toMatchObject({ hidden: 0, more: false });
  expect(refused.questions[0]).toMatchObject({ count: 2, kind: "abstained", corpus: "sample", closest: null });
  expect(refused.questions[0]!.question.toLowerCase()).toMatch(/tulips\?$/);
  expect((await asked({ refused: true, corpus: "other" })).questions).toEqual([]);
  expect(await asked({ limit: 1 })).toMatchObject({ read: 1, more: true });
  const text = renderAsked(refused, true);
  expect(text).toContain("2 times, last ");
  expect(text).toContain("2 questions that the docs did not answer.");
  expect(text).not.toContain("demonstration");
});
