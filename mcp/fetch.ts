import type { Doors } from "../client/doors.ts";
import { type FetchToolOutput, fetchToolInput, fetchToolOutput } from "../contracts/agents.ts";
import type { Passage } from "../contracts/passage.ts";
import { WinnowError } from "../core/base/errors.ts";
import { withinBudget } from "./budget.ts";
import { parsePassageId, passageIdOf } from "./ids.ts";
import type { AgentTool } from "./tool.ts";

/** The tool `fetch`, with the fields that ChatGPT's connectors expect. `usual` is the corpus if none is given. */
export function fetchTool(
  doors: Pick<Doors, "page">,
  usual?: string,
): AgentTool<typeof fetchToolInput, typeof fetchToolOutput> {
  return {
    name: "fetch",
    title: "Read the docs",
    description:
      "The text of a passage and of what follows it on its page, by an id from `search` or `ask`. Use it to read more than a search result shows; metadata.next continues, metadata.first starts at the top of the page.",
    input: fetchToolInput,
    output: fetchToolOutput,
    async run({ id, corpus = usual, maxTokens }, { signal }) {
      const { release, passage } = parsePassageId(id);
      const found = await doors.page(passage, release === undefined ? { corpus, signal } : { release, signal });
      if (found === null)
        throw new WinnowError("BadInput", `There is no passage ${id}. \`search\` gives the ids that exist.`);
      const at = found.passages.findIndex((each) => each.id === passage);
      const first = at === 0 ? null : passageIdOf(found.release, found.passages[0]!.id);
      const ahead = found.passages.slice(at);
      return withinBudget(ahead.length, maxTokens, (kept, note) =>
        partOf({ release: found.release, corpus: found.corpus, first, ahead, kept, note }),
      );
    },
  };
}

interface Part {
  release: string;
  corpus: string;
  first: string | null;
  /** The passage that was asked for, and those after it. */
  ahead: readonly Passage[];
  kept: number;
  note: string | null;
}

function partOf({ release, corpus, first, ahead, kept, note }: Part): FetchToolOutput {
  const { id, heading, url, page, lines } = ahead[0]!;
  const read = ahead.slice(0, kept);
  // Where not even the first fits, it is no continuation of itself.
  const next = kept === 0 ? undefined : ahead[kept];
  return {
    id: passageIdOf(release, id),
    title: heading.join(" > "),
    text: textOf(read),
    url,
    metadata: {
      ...{ corpus, release, page, heading },
      lines: [lines[0], (read.at(-1) ?? ahead[0]!).lines[1]],
      passages: read.length,
      first,
      next: next === undefined ? null : passageIdOf(release, next.id),
      omitted: ahead.length - kept,
      note,
    },
  };
}

/** Passages with the heading of each further section before its text. */
function textOf(passages: readonly Passage[]): string {
  return passages
    .map(({ heading, text }, at) => {
      const before = passages[at - 1]?.heading.join("\0") ?? heading.join("\0");
      return heading.join("\0") === before ? text : `${heading.join(" > ")}\n\n${text}`;
    })
    .join("\n\n");
}
