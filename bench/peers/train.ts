/**
 * Serves training requests with Winnow's own engine, in a separate process:
 *   node --import tsx train.ts MODEL_DIR THREADS MAX_TOKENS PROVIDER LAYERS
 * PROVIDER is cpu or cuda, LAYERS all or joint. A request is `{batch, groups: TrainingGroup[]}`; steps of `batch` pairs cover all groups
 * once.
 */
import { createInterface } from "node:readline";
import type { TrainingGroup } from "../../core/artifacts/groups.ts";
import type { Provider } from "../../core/base/compute.ts";
import { seededRandom } from "../../core/base/random.ts";
import { openBaseModel } from "../../core/models/families/index.ts";
import { tokensOf } from "../../core/models/packedFeeds.ts";
import { openTokenizer } from "../../core/models/tokenizer.ts";
import { encodeGroup } from "../../core/training/loop/batches.ts";
import { type TaughtGroup, TrainingEngine, type TrainingStep } from "../../core/training/loop/engine.ts";
import { updateScalars } from "../../core/training/loop/schedule.ts";
import { lessonOf } from "../../core/training/loop/targets.ts";
import type { TrainedLayers } from "../../core/training/loop/trainee.ts";

const [modelDir, threads, maxTokens, provider, layers] = process.argv.slice(2) as [
  string,
  string,
  string,
  Provider,
  TrainedLayers,
];
const adam = { beta1: 0.9, beta2: 0.999, maxNorm: 1 };
const rates = { ...adam, learningRate: 1e-5, headLearningRate: 1e-5, weightDecay: 0.01, epsilon: 1e-8 };
const base = await openBaseModel(modelDir, 1);
const tokenizer = await openTokenizer(modelDir);
const engine = await TrainingEngine.open(base, {
  ...adam,
  loss: "binary",
  dropout: 0.1,
  threads: Number(threads),
  provider,
  layers,
});
const random = seededRandom(1);
const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
let steps = 0;

answer({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { batch, groups } = JSON.parse(line) as { batch: number; groups: TrainingGroup[] };
  const perStep = batch / groups[0]!.passages.length;
  const began = performance.now();
  let tokens = 0;
  for (let at = 0; at < groups.length; ) {
    const some: TrainingStep[] = [];
    while (some.length < engine.stepsAtOnce && at < groups.length) {
      const taught: TaughtGroup[] = [];
      for (const group of groups.slice(at, at + perStep)) {
        const rows = encodeGroup(tokenizer, group, Number(maxTokens));
        tokens += tokensOf(rows);
        const lesson = await lessonOf(engine, group, rows, { loss: "binary", distillation: 0, residual: 0 });
        taught.push({ rows, random, ...lesson });
      }
      some.push({ groups: taught, scalars: updateScalars(steps++, 1, rates) });
      at += perStep;
    }
    await engine.train(some);
  }
  const seconds = (performance.now() - began) / 1000;
  answer({ seconds, tokens, megabytes: process.resourceUsage().maxRSS / 1024 });
}
await engine.close();
