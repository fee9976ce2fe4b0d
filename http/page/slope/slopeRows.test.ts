import { describe, expect, it } from "vitest";
import type { ReceiptCandidate } from "../../../contracts/ask.ts";
import { slopeOf, summaryOf } from "./slopeRows.ts";

const candidate = (retrieval: number, served: number, relevance: number, dropped: string | null = null) =>
  ({
    ...{ id: `p${retrieval}`, page: "a.md", heading: ["Guide", "Jobs", `Part ${retrieval}`], url: "", dropped },
    ...{ rank: { retrieval, served }, scores: { relevance } },
  }) as ReceiptCandidate;

describe("the ranks of a question", () => {
  const slope = slopeOf({
    threshold: 0.5,
    candidates: [
      candidate(1, 3, 0.2, "relevance 0.200 is below the threshold 0.500"),
      candidate(2, 1, 0.9),
      candidate(3, 2, 0.7, "not among the 1 best"),
    ],
  });

  it("stand in both orders, with who rose and fell", () => {
    expect(slope.rows.map(({ id, move }) => `${id} ${move}`)).toEqual(["p2 up", "p3 up", "p1 down"]);
    expect(slope.before.map(({ id }) => id)).toEqual(["p1", "p2", "p3"]);
    expect(slope.rows[0]!.title).toBe("Jobs › Part 2");
  });

  it("have the threshold below the last passage that reaches it", () => {
    expect(slope.above).toBe(2);
    expect(summaryOf(slope, "reranked")).toBe(
      "The reranker changed the rank of 3 of 3 passages. 2 of 3 reach the threshold 0.500.",
    );
  });

  it("say why a passage was dropped", () => {
    expect(slope.rows.map(({ why }) => why)).toEqual(["", "not among the 1 best", "below the threshold"]);
  });

  it("have no line where the served order does not follow the relevance", () => {
    const mixed = slopeOf({ threshold: 0.5, candidates: [candidate(1, 1, 0.2), candidate(2, 2, 0.9)] });
    expect(mixed.above).toBeNull();
    expect(summaryOf(mixed, "retrieval")).toContain("1 of 2 reach the threshold 0.500, which is no line here");
  });

  it("are said to be none where nothing was found", () => {
    expect(summaryOf(slopeOf({ threshold: 0.5, candidates: [] }), "reranked")).toBe("The search found no passage.");
  });
});
