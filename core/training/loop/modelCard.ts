import { CURVE_FILES } from "../../artifacts/reranker.ts";
import type { Licence } from "./licence.ts";
import type { TrainingOptions, TrainingSettings } from "./settings.ts";
import { dataRemarks } from "./teachable.ts";
import type { TrainingReport } from "./trainingReport.ts";
import type { TwinVerdict } from "./twinCheck.ts";

/** The model folder's README.md: data, settings, metrics, base and licence, with front matter for model hubs. */
export function modelCard(
  options: TrainingOptions,
  settings: TrainingSettings,
  report: TrainingReport,
  folder: { twin: TwinVerdict; hasConfig: boolean; freshHead: boolean; licence: Licence },
): string {
  const data = options.dataDescription ?? `${options.groups.length} questions made from the documents themselves`;
  const remarks = dataRemarks(report);
  return `---
${licenceFields(folder.licence)}
library_name: sentence-transformers
pipeline_tag: text-ranking
tags:
- cross-encoder
- reranker
---
# Reranker fine-tuned by Winnow

Scores how well a passage answers a question: one raw logit per pair, higher is better, no activation. Pooling and head
are inside \`onnx/model.onnx\`${
    folder.twin.stays
      ? `; \`onnx/model_quantized.onnx\` (transformers.js: dtype "q8") is its dynamically quantised int8
twin, which ${folder.twin.detail}.`
      : `. There is no int8 twin: ${folder.twin.detail}.`
  }${folder.hasConfig ? "" : NO_CONFIG}

- **Base:** ${report.base}
- **Data:** ${data}; ${options.groups.length} training groups, ${options.validation.length} held out for validation
- **Licence:** ${licenceLine(folder.licence)}

## Training

${table(["setting", "value"], settingRows(options, settings, report, folder.freshHead))}

${report.steps} steps, ${report.pairs} pairs in ${Math.round(report.seconds)} s (${report.pairsPerSecond.toFixed(1)} pairs/s).
${remarks === "" ? "" : `Of the data, ${remarks}.\n`}The weights are those of step ${report.bestStep}${report.validation.length ? ", the best on the validation groups" : ""}${report.stoppedEarly ? "; validation had stopped improving" : ""}.

## Metrics

${table(["step", "training loss", "validation nDCG@10"], metricRows(report))}

![Training loss and validation nDCG@10 by step](${CURVE_FILES.picture})

${validationRemark(options)}
`;
}

/** The figures chose the weights, so they are better than on other questions. */
function validationRemark({ validation, validationDescription }: TrainingOptions): string {
  if (validation.length === 0)
    return "No groups were held out, so this card does not show how good the model is on other questions.";
  const what = validationDescription ?? "Validation groups were not trained on";
  return `${what}; they chose the weights, so these figures are optimistic.`;
}

const NO_CONFIG = `
The base had no \`config.json\`, so there is none here. sentence-transformers and transformers.js need the one of the
architecture; Winnow does not.`;

function licenceFields({ id, name, link }: Licence): string {
  const fields = { license: id, license_name: name, license_link: link };
  const told = Object.entries(fields).filter(([, value]) => value !== null);
  return told
    .map(([key, value]) => `${key}: ${/^[a-z][\w.-]*$/i.test(value!) ? value : JSON.stringify(value)}`)
    .join("\n");
}

/** Trained weights inherit the terms of the weights they started from. */
function licenceLine({ id, name, link, from }: Licence): string {
  if (from === null)
    return "unknown. The base states none in its `README.md` or `config.json`. Find out which one applies before you distribute this model";
  const title = [name ? `${id} (${name})` : id, link].filter((part) => part !== null).join(", ");
  return `${title}, like the base${from === "set-up" ? "" : ` according to its \`${from}\``}. The documents used for training may have their own terms`;
}

/** Residual and distillation apply to groups with scores of a retriever or a teacher. */
function lossName(options: TrainingOptions, { loss, residual, distillation }: TrainingSettings): string {
  if (loss !== "listwise") return loss;
  const retrieved = options.groups.some(({ teacher, scores }) => teacher && !scores);
  const scored = options.groups.some(({ scores }) => scores);
  const served = `of ${residual} x retriever's scores + logit`;
  const kept = residual === 0 ? "the retriever's scores" : "the order before training";
  const parts = [
    retrieved && residual > 0 ? served : "",
    retrieved ? `${distillation} of its target${residual === 0 ? "" : " or more"} from ${kept}` : "",
    scored
      ? `${distillation} of ${retrieved ? "the supplied pairs'" : "its"} target from the scores they came with`
      : "",
  ];
  return ["listwise", ...parts.filter((part) => part !== "")].join(", ");
}

function rates({ learningRate, headLearningRate }: Pick<TrainingSettings, "learningRate" | "headLearningRate">) {
  return (freshHead: boolean) => (freshHead ? `${learningRate} body, ${headLearningRate} head` : `${learningRate}`);
}

function settingRows(
  options: TrainingOptions,
  settings: TrainingSettings,
  { brokeDown = [] }: TrainingReport,
  freshHead: boolean,
): (string | number)[][] {
  const broke = brokeDown.map((before) => `; with ${rates(before)(freshHead)} it broke down at step ${before.brokeAt}`);
  return [
    ["loss", lossName(options, settings)],
    ["questions a step", settings.questionsPerStep],
    ["passages a question", settings.passagesPerQuestion],
    ["longest pair", `${settings.maxTokens} tokens`],
    ["learning rate", `${rates(settings)(freshHead)}; warm-up, then linear decay${broke.join("")}`],
    ["optimizer", `AdamW, weight decay ${settings.weightDecay}, gradient norm <= ${settings.maxNorm}`],
    ["dropout", settings.dropout],
    ["frozen", frozenPart(settings)],
    ["time budget", `${options.budgetMinutes} minutes`],
    ["seed", options.seed],
  ];
}

function frozenPart({ layers, frozenLayers }: TrainingSettings): string {
  if (layers === "joint") return "embeddings and all layers that read question and passage apart";
  return frozenLayers > 0 ? `embeddings and ${frozenLayers} layers` : "word embeddings";
}

/** One row per validation, with the mean loss since the previous one; a single row without validation. */
function metricRows({ validation, losses, steps }: TrainingReport): (string | number)[][] {
  const rows = validation.length ? validation : [{ step: steps, ndcg: null }];
  return rows.map(({ step, ndcg }, i) => {
    const since = losses.filter((entry) => entry.step <= step && entry.step > (rows[i - 1]?.step ?? 0));
    const loss = since.reduce((sum, entry) => sum + entry.loss, 0) / Math.max(1, since.length);
    return [step, loss.toFixed(4), ndcg === null ? "-" : ndcg.toFixed(4)];
  });
}

function table(head: string[], rows: (string | number)[][]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
