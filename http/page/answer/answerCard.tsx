import type { UnsupportedSentence } from "../../../contracts/ask.ts";
import type { AnswerKind } from "../../../contracts/names.ts";
import { plural } from "../parts/figures.tsx";
import { CandidateTable } from "../slope/candidateTable.tsx";
import { SlopeChart } from "../slope/slope.tsx";
import { Vote } from "../votes/vote.tsx";
import { Nodes } from "./nodes.tsx";
import { quotedIn, type ShownAnswer } from "./shown.ts";
import { Sources, sourceId } from "./sources.tsx";
import { Verdict } from "./verdict.tsx";

const MADE_BY: Partial<Record<AnswerKind, string>> = {
  llm: "Written by a language model and checked against the cited passages.",
  extractive: "Quoted from the docs, word for word.",
};

/** A recorded answer or refusal with its sources and how it was made. `prefix` keeps ids apart where two are shown;
 * `whole` opens the table of scores. */
export function AnswerCard({ shown, prefix = "", whole }: { shown: ShownAnswer; prefix?: string; whole?: boolean }) {
  const { answer, tree, quality = null, sources } = shown;
  const quoted = quotedIn(answer);
  const refused = answer.kind === "abstained";
  const cite = (number: number) =>
    quoted[number - 1] ? (
      <a
        class="cite"
        href={`#${sourceId(prefix, number)}`}
        aria-label={`Source ${number}: ${quoted[number - 1]!.heading.at(-1)}`}
      >
        [{number}]
      </a>
    ) : (
      `[${number}]`
    );
  return (
    <div class="answered">
      <Verdict answer={answer} quality={quality} />
      {!refused && (
        <article class="card answer" aria-label="Answer">
          {tree ? <Nodes tree={tree} cite={cite} /> : <div class="text">{answer.answer}</div>}
          <Doubts unsupported={answer.unsupported} />
          {MADE_BY[answer.kind] && <p class="faint">{MADE_BY[answer.kind]}</p>}
        </article>
      )}
      <Vote answer={answer.id} question={refused ? "Was it right to refuse this?" : "Does this answer the question?"} />
      {quoted.length > 0 && (
        <section>
          <h2>{refused ? "The closest passages" : "Sources"}</h2>
          <Sources answer={answer} sources={sources} prefix={prefix} />
        </section>
      )}
      <Ranks shown={shown} prefix={prefix} whole={whole} />
    </div>
  );
}

function Doubts({ unsupported }: { unsupported: UnsupportedSentence[] }) {
  if (unsupported.length === 0) return null;
  return (
    <details class="doubts">
      <summary>
        <mark class="doubt">[?]</mark> marks what no cited passage supports: {plural(unsupported.length, "place")}
      </summary>
      <ul>
        {unsupported.map(({ sentence, reason }, at) => (
          <li key={at}>
            <q>{sentence}</q>: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Ranks({ shown: { answer }, prefix, whole }: { shown: ShownAnswer; prefix: string; whole?: boolean }) {
  const { receipt, id } = answer;
  return (
    <section>
      <h2>How the passages were ranked</h2>
      <SlopeChart found={receipt} />
      <details id={`${prefix}candidates`} open={whole}>
        <summary>All scores as a table</summary>
        <CandidateTable found={receipt} answer={id} />
      </details>
      <p class="faint">
        Release <code>{receipt.release}</code> of {receipt.corpus}
        {receipt.model && `, model ${receipt.model}`}.{" "}
        {!whole && <a href={`/asks/${id}`}>Receipt: a lasting link to this answer</a>}
      </p>
    </section>
  );
}
