import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { MAX_QUESTION } from "../../../contracts/names.ts";
import type { ReleaseSummary } from "../../../contracts/release.ts";
import { releaseName } from "../ask/askForm.tsx";

/** Asks what another release of the same docs says to the question. */
export function Counterfactual({
  answer,
  question,
  releases,
  chosen,
  given,
}: {
  answer: IdentifiedAnswer;
  question: string | null;
  releases: ReleaseSummary[];
  chosen?: string;
  /** The question as typed, where its text was not kept. */
  given?: string;
}) {
  const { corpus, release } = answer.receipt;
  const others = releases.filter((each) => each.corpus === corpus && each.id !== release && !each.retired);
  if (others.length === 0) return null;
  return (
    <section class="screen">
      <h2>What another release says</h2>
      <form class="ask" method="get" action={`/asks/${answer.id}`}>
        {question === null && (
          <label>
            Question <input name="q" required maxlength={MAX_QUESTION} value={given} />
          </label>
        )}
        <div class="actions">
          <label class="choice">
            Release{" "}
            <select name="release">
              {others.map((each) => (
                <option key={each.id} value={each.id} selected={each.id === chosen}>
                  {releaseName(each)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit">Ask it the same question</button>
        </div>
      </form>
    </section>
  );
}
