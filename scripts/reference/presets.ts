import { PRESETS, type Preset } from "../../core/models/reading/presets.ts";
import { GENERATED, table } from "./markdown.ts";

/** docs/reference/presets.md, from the table of presets. */
export function presetsPage(): string {
  const of = (kind: Preset["kind"]) => PRESETS.filter((preset) => preset.kind === kind);
  return `${[
    GENERATED,
    "# Presets",
    [
      "A preset supplies what a known model's files leave out. It never overrides a file, and an option overrides both: [install a model](../guide/models.md#what-the-files-leave-out).",
      "It is found by the model's name on the hub. Any other model can be installed too, if its architecture is known.",
      "Measured here: Winnow's own results with the model, as embedder or as start of the reranker, are in the [results](../results.md) or the [notebook](../../research/notebook/embedders.md).",
    ].join("\n"),
    "## Embedders",
    table(
      ["model", "pooling", "tokens", "prefix of a question", "prefix of a passage", "licence", "measured here"],
      of("embedder").map((preset) => [
        `\`${preset.name}\``,
        preset.pooling ?? "by its files",
        preset.maxTokens === undefined ? "by its files" : `${preset.maxTokens}`,
        quoted(preset.prefixes?.question),
        quoted(preset.prefixes?.passage),
        preset.licence ?? "",
        yesOrNo(preset),
      ]),
    ),
    "## Rerankers",
    "A folder with one of these names that lacks its head is refused, because an encoder alone cannot rank.",
    table(
      ["model", "licence", "measured here"],
      of("reranker").map((preset) => [`\`${preset.name}\``, preset.licence ?? "", yesOrNo(preset)]),
    ),
  ].join("\n\n")}\n`;
}

function quoted(prefix = ""): string {
  return prefix === "" ? "none" : `\`"${prefix}"\``;
}

function yesOrNo({ measured }: Preset): string {
  return measured ? "yes" : "no";
}
