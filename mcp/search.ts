import type { Doors } from "../client/doors.ts";
import { type SearchToolOutput, searchToolInput, searchToolOutput } from "../contracts/agents.ts";
import type { RankedPassage, SearchResult } from "../contracts/passage.ts";
import { withinBudget } from "./budget.ts";
import { passageIdOf } from "./ids.ts";
import { rounded, roundedLimits } from "./rounded.ts";
import type { AgentTool } from "./tool.ts";

type SearchDoors = Pick<Doors, "search" | "release">;

/** The tool `search`, with the fields that ChatGPT's connectors expect. `usual` is the corpus if none is given. */
export function searchTool(
  doors: SearchDoors,
  usual?: string,
): AgentTool<typeof searchToolInput, typeof searchToolOutput> {
  return {
    name: "search",
    title: "Search the docs",
    description:
      "Ranked passages of the docs for a question, with their text and P(relevant). Use it to read what the docs say on something, or to find where they say it. For one answer with citations use `ask`. A passage with aboveThreshold: false is probably beside the point.",
    input: searchToolInput,
    output: searchToolOutput,
    async run({ query, corpus = usual, release, limit, maxTokens }, { signal }) {
      const found = await doors.search(query, { corpus, release, k: limit, signal });
      const { passages } = found;
      const { manifest } = await doors.release({ release: found.release });
      return withinBudget(passages.length, maxTokens, (kept, note) => ({
        ...factsOf(found),
        corpus: manifest.corpus,
        results: passages.slice(0, kept).map((passage) => resultOf(passage, found)),
        omitted: passages.length - kept,
        note,
      }));
    },
  };
}

function factsOf({ release, ranking, threshold, limits, abstain, unsure, unmeasured }: SearchResult) {
  return {
    release,
    ranking,
    threshold: rounded(threshold),
    limits: roundedLimits(limits),
    answerable: !abstain,
    unsure,
    unmeasured: unmeasured ?? false,
  };
}

function resultOf(passage: RankedPassage, { release, threshold }: SearchResult): SearchToolOutput["results"][number] {
  const { id, heading, url, text, page, lines, rank, scores } = passage;
  const { relevance, logit, fused, cosine, bm25 } = scores;
  return {
    id: passageIdOf(release, id),
    title: heading.join(" > "),
    url,
    text,
    relevance: rounded(relevance),
    aboveThreshold: relevance >= threshold,
    page,
    lines,
    rank: { served: rank.served, retrieval: rank.retrieval },
    scores: {
      logit: logit === null ? null : rounded(logit),
      fused: rounded(fused),
      cosine: rounded(cosine),
      bm25: rounded(bm25),
    },
  };
}
