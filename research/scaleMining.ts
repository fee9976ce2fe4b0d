import { table } from "../cli/table.ts";
import { allQuestions } from "../core/training/questions/questions.ts";
import { openTrainingCorpus } from "../core/training/trainingCorpus.ts";
import { inFolder } from "./scaleRetriever.ts";

/** What making training questions holds, in megabytes of heap after a collection. */
export interface MeasuredMining {
  corpusMb: number;
  questions: number;
  withQuestionsMb: number;
  peakMb: number;
  miningCpuSeconds: number;
}

const MB = 2 ** 20;
const SEED = 17;

/** Opens the corpus that questions are made from, and makes all questions. */
export async function measureMining(folder: string): Promise<MeasuredMining> {
  const before = heapMb();
  const corpus = await openTrainingCorpus(inFolder(folder).ingestDir);
  const corpusMb = heapMb() - before;
  const questions = allQuestions(corpus, SEED);
  const withQuestionsMb = heapMb() - before;
  corpus.close();
  const { user, system } = process.cpuUsage();
  return {
    ...{ corpusMb, withQuestionsMb, questions: questions.length },
    peakMb: process.resourceUsage().maxRSS / 1024,
    miningCpuSeconds: (user + system) / 1e6,
  };
}

function heapMb(): number {
  globalThis.gc!();
  return process.memoryUsage().heapUsed / MB;
}

export function renderMining(all: { count: number; mining?: MeasuredMining }[]): string {
  const rows = all.flatMap(({ count, mining: m }) =>
    m
      ? [
          [
            count.toLocaleString("en"),
            `${m.corpusMb.toFixed(0)} MB`,
            m.questions.toLocaleString("en"),
            `${m.withQuestionsMb.toFixed(0)} MB`,
            `${m.peakMb.toFixed(0)} MB`,
            `${m.miningCpuSeconds.toFixed(1)} s`,
          ],
        ]
      : [],
  );
  return table(["passages", "mining: corpus", "questions", "with them", "peak", "its CPU"], rows);
}
