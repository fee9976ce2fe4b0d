import type { Citation } from "../../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { Vote } from "../votes/vote.tsx";
import { atQuote, isWebAddress, linkTo } from "./nodes.tsx";
import { quotedIn, type Source } from "./shown.ts";

/** The quoted passages. Each opens at its quote, and links to its place in the docs. */
export function Sources({
  answer,
  sources = [],
  prefix,
}: {
  answer: IdentifiedAnswer;
  sources?: (Source | null)[];
  prefix: string;
}) {
  return (
    <ol class="sources">
      {quotedIn(answer).map((citation, at) => (
        <li key={at}>
          <Quoted
            citation={citation}
            source={sources[at]}
            id={sourceId(prefix, at + 1)}
            number={at + 1}
            answer={answer.id}
          />
        </li>
      ))}
    </ol>
  );
}

/** Id of the n-th source, from 1. */
export function sourceId(prefix: string, number: number): string {
  return `${prefix}source-${number}`;
}

function Quoted({
  citation,
  source,
  id,
  number,
  answer,
}: {
  citation: Citation;
  source?: Source | null;
  id: string;
  number: number;
  answer: string;
}) {
  const { heading, page, lines, url, quote } = citation;
  return (
    <details class="source">
      <summary>
        <span class="number">[{number}]</span> <span class="trail">{heading.join(" › ") || page}</span>{" "}
        <span class="faint">
          {page}, {lines[0] === lines[1] ? `line ${lines[0]}` : `lines ${lines[0]} to ${lines[1]}`}
        </span>
      </summary>
      {/* A link to what lies inside opens the part, also without script. */}
      <div id={id} class="passage" tabindex={-1}>
        <Passage quote={quote} source={source} />
        {isWebAddress(url) ? (
          <p>
            <a {...linkTo(atQuote(url, quote))}>Open in the docs</a>
          </p>
        ) : (
          <p class="faint">
            Address in the docs: <code>{url}</code>
          </p>
        )}
        {source && <Vote answer={answer} passage={source.id} question="Is this passage relevant to the question?" />}
      </div>
    </details>
  );
}

/** The passage with its quote marked, or the quote alone. */
function Passage({ quote, source }: { quote: string; source?: Source | null }) {
  if (!source || source.at === null)
    return (
      <blockquote>
        <mark>{quote}</mark>
      </blockquote>
    );
  const { text, at } = source;
  return (
    <blockquote>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + quote.length)}</mark>
      {text.slice(at + quote.length)}
    </blockquote>
  );
}
