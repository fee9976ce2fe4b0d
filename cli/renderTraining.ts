import type { PairsReport } from "../core/stages/work/standalone.ts";
import { lossTrendLine } from "../core/training/loop/lossTrend.ts";
import { dataRemarks } from "../core/training/loop/teachable.ts";
import { labelled } from "./labelled.ts";
import { counted, number } from "./numbers.ts";
import { cyan, yellow } from "./style.ts";

/** Questions below which a training mostly learns its own pairs by heart. */
const FEW = 100;

/** Formats a training on labelled pairs: its work, what it did to the held-out questions, and the model. */
export function renderTraining(trained: { out: string } & PairsReport): string {
  const { out, losses, steps, seconds, pairsPerSecond, questions } = trained;
  const speed = `${seconds.toFixed(0)} s (${pairsPerSecond.toFixed(1)} pairs/s)`;
  const remarks = dataRemarks(trained);
  return [
    labelled(
      "Training",
      `${counted(questions, "question")}, ${counted(steps, "step")} in ${speed}, ${lossTrendLine(losses)}`,
    ),
    labelled("Quality", validationLine(trained)),
    ...(questions < FEW ? [labelled("Note", yellow(fewLine(questions)))] : []),
    ...(remarks === "" ? [] : [labelled("Data", remarks)]),
    labelled("Model", cyan(out)),
  ].join("\n");
}

function validationLine({ heldOut, validation, bestStep }: PairsReport): string {
  const first = validation[0];
  const best = validation.find(({ step }) => step === bestStep);
  if (heldOut === 0 || !first || !best) return "not measured: no question was held out.";
  const on = `nDCG@10 on ${counted(heldOut, "held-out question")}`;
  if (first === best) return `${on}: ${number(best.ndcg)} after step ${best.step}, whose weights are kept.`;
  return `${on}: ${number(first.ndcg)} after step ${first.step}, ${number(best.ndcg)} after step ${best.step}, whose weights are kept.`;
}

function fewLine(questions: number): string {
  return `${counted(questions, "question")} ${questions === 1 ? "teaches" : "teach"} little. Give at least ${FEW}, and measure with \`winnow evaluate\`.`;
}
