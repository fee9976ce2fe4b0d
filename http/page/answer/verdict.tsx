import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { bestRelevance } from "../../../core/answering/receipt.ts";
import { number } from "../slope/slopeRows.ts";
import type { Prepared } from "./shown.ts";

/** What kind of answer this is, where it is not a plain one: refused, unsure, degraded, or by an unmeasured release. */
export function Verdict({ answer, quality }: { answer: IdentifiedAnswer; quality: Prepared["quality"] }) {
  const { kind, receipt } = answer;
  return (
    <>
      {kind === "abstained" && <Refusal answer={answer} quality={quality} />}
      {kind === "unsure" && (
        <div class="notice warn">
          <h2>Winnow is not sure</h2>
          <p>The docs may not answer this question. Below is the closest match, word for word.</p>
          <Numbers answer={answer} quality={quality} />
        </div>
      )}
      {kind === "degraded" && (
        <div class="notice warn">
          <h2>No answer was written</h2>
          <p>The language model did not answer. These are the passages that it would have seen.</p>
          {receipt.why && <Numbers answer={answer} quality={quality} />}
        </div>
      )}
      {receipt.unmeasured && (
        <p class="notice warn">
          This release is not measured yet: P(relevant) and the threshold are estimates, and nobody knows how often it
          is wrong.
        </p>
      )}
    </>
  );
}

function Refusal({ answer, quality }: { answer: IdentifiedAnswer; quality: Prepared["quality"] }) {
  const found = answer.receipt.refusedBy !== "threshold";
  return (
    <div class="notice warn">
      <h2>The docs do not seem to answer this</h2>
      {found && <p>Passages on the topic were found, but {answer.receipt.why}.</p>}
      <Numbers answer={answer} quality={quality} />
    </div>
  );
}

/** The best relevance against the limits, and how often this release is wrong either way. */
function Numbers({ answer, quality }: { answer: IdentifiedAnswer; quality: Prepared["quality"] }) {
  const { candidates, limits } = answer.receipt;
  const best = bestRelevance(candidates);
  return (
    <>
      <dl class="facts">
        <dt>P(relevant) of the best passage</dt>
        <dd>{number(best, best < limits.refuse ? limits.refuse : limits.answer)}</dd>
        <dt>This release answers from</dt>
        <dd>
          {number(limits.answer, best)}
          {limits.refuse < limits.answer && `, and refuses below ${number(limits.refuse, best)}`}
        </dd>
      </dl>
      <p class="soft">{wrongness(quality)}</p>
    </>
  );
}

/** How often a release is wrong, in words. */
export function wrongness(quality: Prepared["quality"]): string {
  if (quality === null) return "How often this release is wrong is not measured.";
  const { falseAnswerRate, falseRefusalRate, source } = quality;
  const parts = [
    falseRefusalRate === null ? null : `it refuses ${share(falseRefusalRate)} questions that the docs answer`,
    falseAnswerRate === null ? null : `it answers ${share(falseAnswerRate)} that they do not`,
  ].filter((part) => part !== null);
  if (parts.length === 0) return "How often this release is wrong is not measured.";
  const generated = source === "generated" ? " Its questions were generated from the docs, which flatters it." : "";
  return `How often it is wrong, as measured: ${parts.join(", and ")}.${generated}`;
}

/** A share as people say it: `about 1 in 20`. */
function share(rate: number): string {
  if (rate === 0) return "none of the";
  if (rate > 0.6) return `${Math.round(rate * 100)} % of the`;
  return `about 1 in ${Math.round(1 / rate)}`;
}
