import type { TrainingGroup } from "../../artifacts/groups.ts";
import { seededRandom } from "../../base/random.ts";
import { tokensOf } from "../../models/packedFeeds.ts";
import type { Tokenizer } from "../../models/wholeText.ts";
import { encodeGroup, sampleGroup, seedFor } from "./batches.ts";
import type { TrainingEngine } from "./engine.ts";
import { updateScalars } from "./schedule.ts";
import type { TrainingSettings } from "./settings.ts";
import { lessonOf } from "./targets.ts";

const SAMPLED_GROUPS = 40;
const TIMED_GROUPS = 3;

/** Measures the duration of a step and of scoring a group, with trial runs that leave the weights unchanged. */
export async function measure(
  engine: TrainingEngine,
  tokenizer: Tokenizer,
  groups: readonly TrainingGroup[],
  settings: TrainingSettings,
  seed: number,
): Promise<{ stepSeconds: number; validationGroupSeconds: number }> {
  const random = seededRandom(seedFor(seed, 3));
  const sample = Array.from({ length: SAMPLED_GROUPS }, () => {
    const group = groups[Math.floor(random() * groups.length)]!;
    return sampleGroup(group, settings.passagesPerQuestion, random);
  });
  const rows = sample.map((group) => encodeGroup(tokenizer, group, settings.maxTokens));
  const meanTokens = rows.reduce((sum, group) => sum + tokensOf(group), 0) / rows.length;
  const run = async (i: number) => {
    const { targets, prior } = await lessonOf(engine, sample[i]!, rows[i]!, settings);
    return engine.accumulate(rows[i]!, targets, 1, random, prior);
  };
  await run(0);
  const [forwardSeconds, scored] = await timed(() => engine.score(rows[0]!).then(() => tokensOf(rows[0]!)));
  let [seconds, tokens] = [0, 0];
  for (let i = 1; i <= TIMED_GROUPS; i++) {
    const [time] = await timed(() => run(i));
    seconds += time;
    tokens += tokensOf(rows[i]!);
  }
  await engine.update(updateScalars(0, 0, settings));
  engine.undoUpdate();
  const [updateSeconds] = await timed(() => engine.update(updateScalars(0, 0, settings)));
  engine.undoUpdate();
  return {
    stepSeconds: settings.questionsPerStep * (seconds / tokens) * meanTokens + updateSeconds,
    validationGroupSeconds: (forwardSeconds / scored) * meanTokens,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const began = performance.now();
  const result = await work();
  return [(performance.now() - began) / 1000, result];
}
