import type { FoundPassages } from "../../../contracts/askEvents.ts";
import { linkTo } from "../answer/nodes.tsx";
import { Scroll } from "../layout/scroll.tsx";
import { type Column, Head } from "../parts/head.tsx";
import { SmallVote } from "../votes/vote.tsx";
import { number } from "./slopeRows.ts";

const COLUMNS: readonly Column[] = [
  ["served", "number"],
  ["retrieval", "number"],
  "passage",
  ["P(relevant)", "number"],
  ["logit", "number"],
  ["fused", "number"],
  ["BM25", "number"],
  ["cosine", "number"],
  "not used because",
  ["relevant?", "screen"],
];

/** Every candidate in served order with all its scores. */
export function CandidateTable({
  found,
  answer,
}: {
  found: Pick<FoundPassages, "candidates" | "threshold">;
  /** Id of the answer, for votes on its passages. */
  answer: string;
}) {
  const { candidates, threshold } = found;
  const rows = [...candidates].sort((a, b) => a.rank.served - b.rank.served);
  return (
    <Scroll label={`Candidates of answer ${answer}`}>
      <table class="candidates">
        <caption>
          {rows.length} candidates in served order. An answer uses passages from P(relevant) {number(threshold)} on.
        </caption>
        <Head columns={COLUMNS} />
        <tbody>
          {rows.map(({ id, rank, heading, page, url, scores, dropped }) => (
            <tr key={id} class={dropped ? "dropped" : "used"}>
              <td class="number">{rank.served}</td>
              <td class="number">{rank.retrieval}</td>
              <th scope="row">
                <a {...linkTo(url)}>{heading.join(" › ") || page}</a>
                <br />
                <span class="faint">{page}</span>
              </th>
              <td class="number">{number(scores.relevance, threshold)}</td>
              <td class="number">{scores.logit === null ? "off" : scores.logit.toFixed(2)}</td>
              <td class="number">{scores.fused.toFixed(3)}</td>
              <td class="number">{scores.bm25.toFixed(2)}</td>
              <td class="number">{scores.cosine.toFixed(3)}</td>
              <td>{dropped ?? ""}</td>
              <td class="screen">
                <SmallVote answer={answer} passage={id} about={`${heading.at(-1) ?? page} is relevant`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
