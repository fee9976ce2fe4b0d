import type { TrainingGroup } from "../../artifacts/groups.ts";
import { seededRandom } from "../../base/random.ts";
import { tokensOf } from "../../models/packedFeeds.ts";
import type { Tokenizer } from "../../models/wholeText.ts";
import { encodeGroup, sampleGroup, seedFor } from "./batches.ts";
import type { TaughtGroup, TrainingEngine } from "./engine.ts";
import { updateScalars } from "./schedule.ts";
import type { TrainingSettings } from "./settings.ts";
import { lessonOf } from "./targets.ts";

const SAMPLED_GROUPS = 40;
/** Most groups of the timed step. */
const TIMED_GROUPS = 4;

/** Measures the duration of a step and of scoring a group, with trial steps that are undone afterwards. */
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
  const step = async (from: number, to: number) => {
    const groups: TaughtGroup[] = [];
    for (let i = from; i < to; i++) {
      groups.push({ rows: rows[i]!, random, ...(await lessonOf(engine, sample[i]!, rows[i]!, settings)) });
    }
    await engine.train([{ groups, scalars: updateScalars(0, 0, settings) }]);
    return groups.reduce((sum, group) => sum + tokensOf(group.rows), 0);
  };
  await step(0, 1);
  const [forwardSeconds, scored] = await timed(() => engine.score(rows[0]!).then(() => tokensOf(rows[0]!)));
  const [seconds, tokens] = await timed(() => step(1, 1 + Math.min(TIMED_GROUPS, settings.questionsPerStep)));
  engine.restart();
  return {
    stepSeconds: settings.questionsPerStep * (seconds / tokens) * meanTokens,
    validationGroupSeconds: (forwardSeconds / scored) * meanTokens,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const began = performance.now();
  const result = await work();
  return [(performance.now() - began) / 1000, result];
}
