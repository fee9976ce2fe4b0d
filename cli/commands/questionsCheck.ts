import type { ReleaseChoice } from "../../client/openRelease.ts";
import { checkQuestions, type QuestionSetCheck } from "../../client/questionSets.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { GoneJudgment, LineFinding } from "../../core/judging/checkLines.ts";
import { EXIT } from "../exit.ts";
import type { Io } from "../io.ts";
import { counted } from "../numbers.ts";

/** `winnow questions check`; exits 1 when a line needs a change. */
export async function questionsCheckCommand(
  config: CliConfig,
  io: Io,
  file: string,
  { release, corpus }: ReleaseChoice,
): Promise<void> {
  const check = await checkQuestions(config, file, { release, corpus });
  io.result(check, () => renderCheck(check, file));
  if (check.findings.length > 0) process.exitCode = EXIT.failed;
}

/** Formats the check with one line per finding, in the form `file:line` that editors open. */
export function renderCheck({ findings, lines, release, corpus }: QuestionSetCheck, file: string): string {
  const docs = `the docs of release ${release} of ${corpus}`;
  if (findings.length === 0) return `${counted(lines, "line holds", "lines hold")} in ${docs}.`;
  const needed = `${findings.length} of ${lines} lines ${findings.length === 1 ? "needs" : "need"} a change`;
  const drafts = findings.filter(({ state }) => state === "not judged").length;
  const toJudge = drafts > 0 ? [`${counted(drafts, "line is", "lines are")} still to be judged.`] : [];
  return [...findings.map((finding) => describe(finding, file)), "", `${needed}, by ${docs}.`, ...toJudge].join("\n");
}

function describe({ line, id, state, problem, gone }: LineFinding, file: string): string {
  const place = line === null ? `${file} ${id}` : `${file}:${line}`;
  if (problem !== null) return `${place}: ${problem}`;
  const effect = state === "stale" ? "stale, so it is not scored" : "partly stale";
  return [
    `${place}: ${line === null ? "" : `${id} is `}${effect}`,
    ...gone.map((one) => `    ${describeGone(one)}`),
  ].join("\n");
}

function describeGone({ path, heading, lacks, nearest }: GoneJudgment): string {
  const missing = {
    page: `there is no page ${path}`,
    section: `${path} has no section "${heading}"`,
    evidence: `no passage of ${path} holds the evidence`,
  }[lacks];
  if (nearest === null) return `${missing}, and nothing is similar`;
  const place = nearest.page === path ? `"${nearest.heading}"` : `${nearest.page}, "${nearest.heading}"`;
  const why = nearest.by === "evidence" ? "most of the evidence is in" : "nearest by name:";
  return `${missing}; ${why} ${place}`;
}
