/**
 * Answers questions with the engine of a query worker, in one process without Temporal:
 *   node --import tsx ask.ts ENGINE_ARGUMENTS_JSON
 * A request is `{question}`, its reply `{milliseconds, processor, retrieve, rerank, answer}`, all in
 * milliseconds.
 */
import { createInterface } from "node:readline";
import { readCliConfig } from "../../config/cliConfig.ts";
import { SERVING_DEPTH } from "../../contracts/passage.ts";
import { quietContext } from "../../core/base/progress.ts";
import { type EngineOptions, openEngine } from "../../core/serving/engine.ts";

const engine = await openEngine(
  JSON.parse(process.argv[2]!) as EngineOptions,
  quietContext({ stateLimits: readCliConfig().stateLimits }),
);
const tell = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const options = { corpus: "bench", k: SERVING_DEPTH, passages: 4, mode: "quotation" as const };

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { question } = JSON.parse(line) as { question: string };
  const used = process.cpuUsage();
  const began = performance.now();
  const { seconds } = await engine.answer(question, options);
  const milliseconds = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  const { retrieve = 0, rerank = 0, quote = 0, abstain = 0 } = seconds;
  tell({
    milliseconds,
    processor: (user + system) / 1000,
    retrieve: 1000 * retrieve,
    rerank: 1000 * rerank,
    answer: 1000 * (quote + abstain),
  });
}
await engine.close();
