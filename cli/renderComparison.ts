import type { TopicComparison } from "../client/compare.ts";
import { bold, green, red, yellow } from "./style.ts";

const SHOWN_LINES = 12;
const SHOWN_CHARACTERS = 300;

/** Formats differing sections as a diff, followed by the names of equal sections. */
export function renderComparison({ topic, from, to, sections }: TopicComparison): string {
  const differing = sections.filter(({ change }) => change !== "same");
  const same = sections.filter(({ change }) => change === "same");
  const parts = [
    `"${topic}", from release ${from.release} to ${to.release}: ${differing.length} of ${sections.length} sections differ`,
  ];
  if (from.corpus !== to.corpus)
    parts.push(
      yellow(`The releases are of two corpora, ${from.corpus} and ${to.corpus}: most sections exist in one only.`),
    );
  for (const section of differing) {
    const { page, movedFrom, heading, change, state } = section;
    const place = movedFrom === null ? page : `${page}, was ${movedFrom}`;
    const moved = state.from !== state.to ? [`  state: ${state.from ?? "none"} -> ${state.to ?? "none"}`] : [];
    parts.push(
      [
        `${bold(change)}: ${heading.join(" > ")} (${place})`,
        ...moved,
        ...diffLines("-", section.removed),
        ...diffLines("+", section.added),
      ].join("\n"),
    );
  }
  if (same.length > 0)
    parts.push(["the same:", ...same.map(({ page, heading }) => `  ${heading.join(" > ")} (${page})`)].join("\n"));
  return parts.join("\n\n");
}

function diffLines(sign: string, lines: string[]): string[] {
  const colour = sign === "+" ? green : red;
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `  ${colour(`${sign} ${shortened(line)}`)}`);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `  ${sign} (${more} more; --json gives all)`] : shown;
}

function shortened(line: string): string {
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
