import type { Context } from "hono";
import type { QuestionAsServed, QuestionComparison, QuestionDifference } from "../../../client/questionDifferences.ts";
import type { CorpusReleases } from "../../../client/releaseShelf.ts";
import type { Env } from "../../protocol.ts";
import { Scroll } from "../layout/scroll.tsx";
import { Difference, limitsInWords, plural, signed, When } from "../parts/figures.tsx";
import { Head } from "../parts/head.tsx";
import type { Rendered } from "../view.ts";

/** Questions of one page. */
const PAGE = 50;

/** Selections of questions, as the address names them. */
const FILTERS = {
  all: { name: "All", of: () => true },
  improved: { name: "Improved", of: ({ change }: QuestionDifference) => change === "improved" },
  harmed: { name: "Harmed", of: ({ change }: QuestionDifference) => change === "harmed" },
  "must-pass": { name: "Must-pass", of: ({ mustPass }: QuestionDifference) => mustPass },
  unchanged: { name: "Unchanged", of: ({ change }: QuestionDifference) => change === "unchanged" },
} as const;
type Filter = keyof typeof FILTERS;

interface Shown {
  compared: QuestionComparison;
  shelf: CorpusReleases | null;
  filter: Filter;
  /** Position of the first question of this page. */
  from: number;
}

/** Wins and losses of one release against another, question by question. */
export function winsOf(c: Context<Env>, compared: QuestionComparison, shelf: CorpusReleases | null): Rendered {
  const show = c.req.query("show") ?? "all";
  const filter = Object.hasOwn(FILTERS, show) ? (show as Filter) : "all";
  const from = Math.max(0, Math.floor(Number(c.req.query("from") ?? 0)) || 0);
  const title = `${compared.a.release} against ${compared.b.release}`;
  return { title, main: <Wins compared={compared} shelf={shelf} filter={filter} from={from} /> };
}

function Wins(shown: Shown) {
  const { compared, filter, from } = shown;
  const questions = compared.questions.filter(FILTERS[filter].of);
  const page = questions.slice(from, from + PAGE);
  return (
    <>
      <p class="screen">
        <a href="/releases">All releases</a>
      </p>
      <h1>
        Release <Id id={compared.a.release} /> against <Id id={compared.b.release} />
      </h1>
      <Summary compared={compared} />
      <Filters {...shown} />
      {page.length === 0 ? (
        <p>No question is in this selection.</p>
      ) : (
        <QuestionTable compared={compared} questions={page} />
      )}
      <Pager {...shown} total={questions.length} />
    </>
  );
}

function Id({ id }: { id: string }) {
  return (
    <a href={`/releases/${id}`}>
      <code>{id}</code>
    </a>
  );
}

function Summary({ compared }: { compared: QuestionComparison }) {
  const { a, b, mean, withinChance, answerable, questions, sameSet, source } = compared;
  const count = (filter: Filter) => questions.filter(FILTERS[filter].of).length;
  return (
    <>
      <p>
        <Id id={a.release} /> was built <When at={a.createdAt} /> and serves by {a.ranking}; <Id id={b.release} /> was
        built <When at={b.createdAt} /> and serves by {b.ranking}.
      </p>
      {mean === null ? (
        <p class="notice warn">
          The two evaluations have no answerable question in common, so nDCG@10 cannot be compared.
        </p>
      ) : (
        <p class={withinChance ? "notice" : mean.value > 0 ? "notice good" : "notice bad"}>
          <strong>{verdict(mean.value, withinChance)}</strong> Mean difference of nDCG@10 over{" "}
          {plural(answerable, "question")} that the docs answer: <Difference {...mean} />.
        </p>
      )}
      <p>
        Of all {plural(questions.length, "question")} of both, with those that the docs do not answer:{" "}
        {count("improved")} improved, {count("harmed")} harmed, {count("unchanged")} unchanged.
      </p>
      {!sameSet && (
        <p class="faint">
          The two were measured on different question files. Compared are the {plural(questions.length, "question")}{" "}
          with the same id and text; {a.alone} of {a.release} and {b.alone} of {b.release} are left out.
        </p>
      )}
      {(source.a === "generated" || source.b === "generated") && (
        <p class="faint">At least one was measured on questions generated from the docs, which flatter the search.</p>
      )}
    </>
  );
}

function verdict(difference: number, withinChance: boolean): string {
  if (withinChance) return "Within chance: these questions do not show which release is better.";
  return difference > 0 ? "Better than chance explains." : "Worse than chance explains.";
}

function Filters({ compared, filter, shelf }: Shown) {
  const { a, b, questions } = compared;
  const others = (shelf?.releases ?? []).filter(({ id, quality }) => id !== a.release && quality !== null);
  return (
    <div class="screen">
      <nav aria-label="Questions" class="filters">
        {Object.entries(FILTERS).map(([name, { name: label, of }]) => (
          <a key={name} href={address(compared, name as Filter, 0)} aria-current={name === filter ? "true" : undefined}>
            {label} <span class="count">{questions.filter(of).length}</span>
          </a>
        ))}
      </nav>
      {others.length > 1 && (
        <form method="get" action={`/releases/${a.release}`} class="row">
          <label for="against">Against</label>
          <select id="against" name="against">
            {others.map(({ id, createdAt }) => (
              <option key={id} value={id} selected={id === b.release}>
                {id} of {createdAt.slice(0, 10)}
              </option>
            ))}
          </select>
          {filter !== "all" && <input type="hidden" name="show" value={filter} />}
          <button type="submit">Compare</button>
        </form>
      )}
    </div>
  );
}

function address({ a, b }: QuestionComparison, filter: Filter, from: number): string {
  const query = new URLSearchParams({ against: b.release });
  if (filter !== "all") query.set("show", filter);
  if (from > 0) query.set("from", `${from}`);
  return `/releases/${a.release}?${query}`;
}

function QuestionTable({ compared, questions }: { compared: QuestionComparison; questions: QuestionDifference[] }) {
  return (
    <Scroll label="Questions">
      <table class="wins stack">
        <caption>
          Sorted by size of the change: the difference of nDCG@10, positive where {compared.a.release} is better, or a
          changed decision, which counts 1, and half to or from unsure. Rank: place of the first judged passage among
          the first ten. {compared.a.release} {limitsInWords(compared.a.limits)}; {compared.b.release}{" "}
          {limitsInWords(compared.b.limits)}; between them they are unsure.
        </caption>
        <Head columns={["Question", "Difference", compared.a.release, compared.b.release]} />
        <tbody>
          {questions.map((question) => (
            <QuestionRow key={question.id} question={question} compared={compared} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function QuestionRow({ question, compared }: { question: QuestionDifference; compared: QuestionComparison }) {
  const { id, query, kind, mustPass, difference, change, a, b, answerable } = question;
  const tone = change === "improved" ? "good" : change === "harmed" ? "bad" : "faint";
  return (
    <tr>
      <th scope="row">
        <span class="query">{query}</span>
        <small class="block">
          {id}, {kind}
          {mustPass && (
            <>
              {" "}
              <span class="badge">must pass</span>
            </>
          )}
        </small>
      </th>
      <td class={tone} data-label="Difference">
        {difference === null ? "" : signed(difference, 2)} <small class="block">{change}</small>
      </td>
      <Served served={a} answerable={answerable} release={compared.a.release} />
      <Served served={b} answerable={answerable} release={compared.b.release} />
    </tr>
  );
}

const IN_WORDS = { refuse: "refused", unsure: "unsure", answer: "answered" } as const;

interface ServedBy {
  served: QuestionAsServed;
  answerable: boolean;
  release: string;
}

function Served({ served, answerable, release }: ServedBy) {
  const { decision, rank, ndcg, relevance, first, mustPassPassed } = served;
  const wrong = decision === (answerable ? "refuse" : "answer");
  return (
    <td data-label={release}>
      {answerable && (rank === null ? "rank beyond 10" : `rank ${rank}`)}
      {ndcg !== null && <small> nDCG {ndcg.toFixed(2)}</small>}
      <small class={wrong ? "block bad" : "block"}>
        {IN_WORDS[decision]}
        {wrong && ", wrongly"} at P {relevance.toFixed(2)}
      </small>
      {first && <small class="block faint">first: {[first.page, ...first.heading.slice(-1)].join(" › ")}</small>}
      {mustPassPassed === false && <small class="block bad">does not pass</small>}
    </td>
  );
}

function Pager({ compared, filter, from, total }: Shown & { total: number }) {
  if (total <= PAGE) return null;
  const last = Math.min(total, from + PAGE);
  return (
    <nav aria-label="Pages of questions" class="actions">
      {from > 0 && <a href={address(compared, filter, Math.max(0, from - PAGE))}>Earlier</a>}
      <span>
        {from + 1} to {last} of {total}
      </span>
      {last < total && <a href={address(compared, filter, last)}>Next</a>}
    </nav>
  );
}
