/**
 * Answers questions with the functions that the query worker's activities call, in one process without Temporal:
 *   node --import tsx ask.ts ENGINE_ARGUMENTS_JSON
 * A request is `{question}`, its answer `{milliseconds, retrieve, rerank, answer}`.
 */
import { createInterface } from "node:readline";
import { composeAnswer } from "../../core/answering/answer.ts";
import { quietContext } from "../../core/base/progress.ts";
import { type EngineOptions, openEngine } from "../../core/serving/engine.ts";

const engine = await openEngine(JSON.parse(process.argv[2]!) as EngineOptions, quietContext());
const tell = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const PASSAGES = 4;

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { question } = JSON.parse(line) as { question: string };
  const began = performance.now();
  const candidates = await engine.retrieve(question);
  const retrieved = performance.now();
  const search = engine.result(await engine.rerank(question, candidates));
  const reranked = performance.now();
  const states = await engine.states(question, search.passages.slice(0, PASSAGES));
  const asked = { question, corpus: "bench", passages: PASSAGES, search, states };
  await composeAnswer(asked, null, (text, sentences) => engine.similarities(text, sentences));
  const answered = performance.now();
  tell({
    milliseconds: answered - began,
    retrieve: retrieved - began,
    rerank: reranked - retrieved,
    answer: answered - reranked,
  });
}
await engine.close();
