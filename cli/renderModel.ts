import type { InstalledModel } from "../contracts/models.ts";
import { withoutControls } from "../core/base/controls.ts";
import type { ReadModel } from "../core/models/installing/install.ts";
import { PRESETS } from "../core/models/reading/presets.ts";
import { labelled } from "./labelled.ts";
import { megabytes } from "./numbers.ts";
import { bold } from "./style.ts";
import { minute } from "./times.ts";

const MOST_PROMPTS = 8;

type Fact = keyof ReadModel["read"]["from"];

/** Formats a model; each fact is followed by where it was read. */
export function renderModel(model: ReadModel): string {
  const { name, kind, family, dimensions, maxTokens, pooling, prefixes, licence, read } = model;
  const from = (fact: Fact) => `  (${originOf(read, fact)})`;
  const facts: [string, string | null][] = [
    ["Family", family],
    ["Pooling", pooling && `${pooling}${from("pooling")}`],
    [
      "Prefixes",
      prefixes &&
        `question ${JSON.stringify(prefixes.question)}, passage ${JSON.stringify(prefixes.passage)}${from("prefixes")}`,
    ],
    ["Width", dimensions === null ? null : `${dimensions}${from("dimensions")}`],
    ["Length", `${maxTokens} tokens${from("maxTokens")}`],
    ["Licence", `${licence ?? "not stated"}${from("licence")}`],
    ["Size", `${megabytes(model.bytes)}, ${(model.parameters / 1e6).toFixed(1)} million weights`],
    ["Source", sourceInWords(model)],
    ["Digest", model.artifact.sha256],
    ["Installed", minute(model.installedAt)],
  ];
  const lines = facts.flatMap(([label, value]) => (value === null ? [] : [labelled(label, value)]));
  return [`${bold(name)}: ${kind}`, "", ...lines].join("\n");
}

function originOf({ from, files, preset, ignoredPrompts }: ReadModel["read"], fact: Fact): string {
  switch (from[fact]) {
    case "file":
      return `from ${files[fact]}`;
    case "option":
      return "given when it was installed";
    case "preset":
      return `preset of ${preset}`;
    case "default":
      return fact === "prefixes" && ignoredPrompts.length > 0
        ? `default: the prompts of the files are not of a search`
        : "default: the files do not state it";
  }
}

function sourceInWords({ source }: InstalledModel): string {
  return source.from === "hub" ? `${source.repository} at ${source.revision}` : `a ${source.from} of this machine`;
}

/** Advice for an embedder whose files hold prompts that are not used, or null. */
export function promptsHint({ kind, read: { ignoredPrompts } }: ReadModel): string | null {
  if (kind !== "embedder" || ignoredPrompts.length === 0) return null;
  const keys = withoutControls(ignoredPrompts.slice(0, MOST_PROMPTS).join(", "));
  const more = ignoredPrompts.length > MOST_PROMPTS ? ` and ${ignoredPrompts.length - MOST_PROMPTS} more` : "";
  return `Its prompts ${keys}${more} are not used, because none is known to be of a search: give --query-prefix and --passage-prefix if its model card asks for prefixes.`;
}

/** Advice for a model that is called like a preset but was not matched with it, or null. */
export function presetHint({ name, source, read }: ReadModel): string | null {
  if (read.preset !== null) return null;
  const names = source.from === "hub" ? [name, source.repository] : [name];
  const lasts = names.map((each) => `/${each.split("/").at(-1)!.toLowerCase()}`);
  const alike = PRESETS.find((preset) => lasts.some((last) => preset.name.toLowerCase().endsWith(last)));
  return alike === undefined
    ? null
    : `If this is ${alike.name}, install it with \`--name ${alike.name}\`: its preset supplies what the files leave out.`;
}
