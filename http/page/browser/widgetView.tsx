import type { Citation } from "../../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { bestRelevance } from "../../../core/answering/receipt.ts";
import { atQuote, isWebAddress, linkTo, Nodes } from "../answer/nodes.tsx";
import { type Prepared, quotedIn } from "../answer/shown.ts";
import { wrongness } from "../answer/verdict.tsx";
import { number } from "../slope/slopeRows.ts";
import { isOver, type Progress, said } from "./progress.ts";

interface Actions {
  ask(question: string): void;
  stop(): void;
}

/** The inside of `<winnow-ask>`: a question, and its answer while it is made. */
export function WidgetView({ label, progress, ask, stop }: { label: string; progress: Progress | null } & Actions) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const question = String(new FormData(form).get("q") ?? "").trim();
    if (question !== "") ask(question);
  };
  return (
    <div class="winnow" part="box">
      <form onSubmit={submit}>
        <label for="q">{label}</label>
        <div class="row">
          <input id="q" name="q" type="text" required autocomplete="off" enterkeyhint="search" />
          <button type="submit">Ask</button>
          {progress && !isOver(progress) && (
            <button type="button" class="plain" onClick={stop}>
              Stop
            </button>
          )}
        </div>
      </form>
      <p class={progress && isOver(progress) ? "unseen" : "status"} role="status">
        {progress === null ? "" : said(progress)}
      </p>
      {progress && <Told progress={progress} />}
    </div>
  );
}

function Told({ progress: { answer, prepared, problem, draft, phase } }: { progress: Progress }) {
  if (answer) return <Answer answer={answer} prepared={prepared} />;
  if (problem) return <p class="problem">{problem.message} Please ask again later.</p>;
  if (draft === "" || phase === "stopped") return null;
  return (
    <div class="draft">
      <p class="faint">Not checked yet</p>
      <p class="text">{draft}</p>
    </div>
  );
}

/** Words before an answer that is not a plain one. */
const CAUTION: Partial<Record<IdentifiedAnswer["kind"], string>> = {
  unsure: "The docs may not answer this. The closest match:",
  degraded: "No answer was written. The passages that match best:",
};

function Answer({ answer, prepared }: { answer: IdentifiedAnswer; prepared: Prepared | null }) {
  const refused = answer.kind === "abstained";
  const quoted = quotedIn(answer);
  const caution = CAUTION[answer.kind];
  const open = (event: Event, at: number) => {
    const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
    const source = root.getElementById(`source-${at}`) as HTMLDetailsElement | null;
    if (source === null) return;
    source.open = true;
    source.querySelector("summary")?.focus();
  };
  const cite = (at: number) => (
    <button type="button" class="cite" aria-label={`Source ${at}`} onClick={(event) => open(event, at)}>
      [{at}]
    </button>
  );
  return (
    <div class="answer">
      {caution && <p class="caution">{caution}</p>}
      {refused && <Refusal answer={answer} prepared={prepared} />}
      {!refused && (prepared ? <Nodes tree={prepared.tree} cite={cite} /> : <p class="text">{answer.answer}</p>)}
      {answer.unsupported.length > 0 && <p class="faint">[?] marks what no cited passage supports.</p>}
      {quoted.length > 0 && <p class="faint">{refused ? "The closest passages" : "Sources"}</p>}
      <ol class="sources">
        {quoted.map((citation, at) => (
          <SourceOf key={at} citation={citation} at={at + 1} />
        ))}
      </ol>
    </div>
  );
}

function Refusal({ answer: { receipt }, prepared }: { answer: IdentifiedAnswer; prepared: Prepared | null }) {
  const best = bestRelevance(receipt.candidates);
  return (
    <>
      <p class="caution">The docs do not seem to answer this.</p>
      <p class="faint">
        P(relevant) of the best passage is {number(best, receipt.limits.answer)}; answers begin at{" "}
        {number(receipt.limits.answer, best)}. {prepared && wrongness(prepared.quality)}
      </p>
    </>
  );
}

function SourceOf({ citation: { heading, page, url, quote }, at }: { citation: Citation; at: number }) {
  return (
    <li>
      <details id={`source-${at}`}>
        <summary>
          [{at}] {heading.join(" › ") || page}
        </summary>
        <blockquote>{quote}</blockquote>
        {isWebAddress(url) && <a {...linkTo(atQuote(url, quote))}>Open in the docs</a>}
      </details>
    </li>
  );
}
