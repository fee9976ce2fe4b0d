import { MAX_QUESTION } from "../../../contracts/names.ts";
import type { ReleaseSummary } from "../../../contracts/release.ts";
import type { ServingRelease } from "../../../contracts/serving.ts";
import type { Asked } from "./choice.ts";

/** What can be asked. */
export interface Offer {
  serving: ServingRelease[];
  releases: ReleaseSummary[];
}

/** The question, and the choice where there is one. It works without script: a form whose address is the view. */
export function AskForm({ asked, offer }: { asked: Asked; offer: Offer }) {
  return (
    <form id="ask" class="ask" method="get" action="/">
      <label for="q">Your question</label>
      <textarea id="q" name="q" rows={2} maxlength={MAX_QUESTION} required autofocus={asked.question === ""}>
        {asked.question}
      </textarea>
      <div class="actions">
        <button type="submit" class="main">
          Ask
        </button>
        <Corpora chosen={asked.corpus} serving={offer.serving} />
        <Releases chosen={asked.release} releases={offer.releases} />
      </div>
    </form>
  );
}

function Corpora({ chosen, serving }: { chosen?: string; serving: ServingRelease[] }) {
  if (serving.length < 2) return null;
  const usual = chosen ?? serving.find((each) => each.default)?.corpus;
  return (
    <label class="choice">
      Docs{" "}
      <select name="corpus">
        {serving.map(({ corpus, docs }) => (
          <option key={corpus} value={corpus} selected={corpus === usual}>
            {corpus} ({docs.pages} pages)
          </option>
        ))}
      </select>
    </label>
  );
}

function Releases({ chosen, releases }: { chosen?: string; releases: ReleaseSummary[] }) {
  const usable = releases.filter(({ retired }) => !retired);
  const unlisted = chosen !== undefined && !usable.some(({ id }) => id === chosen);
  if (usable.length < 2 && !unlisted) return null;
  return (
    <label class="choice">
      Release{" "}
      <select name="release">
        <option value="" selected={chosen === undefined}>
          the one that serves
        </option>
        {unlisted && (
          <option value={chosen} selected>
            {chosen}
          </option>
        )}
        {usable.map((release) => (
          <option key={release.id} value={release.id} selected={release.id === chosen}>
            {releaseName(release)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A release in one line: `a952adcbee81, sample, 2026-11-30, champion`. */
export function releaseName({ id, corpus, createdAt, champion }: ReleaseSummary): string {
  return [id, corpus, createdAt.slice(0, 10), ...(champion ? ["champion"] : [])].join(", ");
}
