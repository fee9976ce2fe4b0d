import type { Context } from "hono";
import type { Doors } from "../../../client/doors.ts";
import type { ServingRelease } from "../../../contracts/serving.ts";
import type { Failure } from "../../failure.ts";
import type { Env } from "../../protocol.ts";
import { AnswerCard } from "../answer/answerCard.tsx";
import { shownAnswer } from "../answer/prepare.ts";
import { wrongness } from "../answer/verdict.tsx";
import { Later } from "../layout/later.tsx";
import type { Part, View } from "../view.ts";
import { AskForm, type Offer } from "./askForm.tsx";
import { checked } from "./checked.ts";
import { type Asked, askPath, typed } from "./choice.ts";
import { mayAsk, UNASKED } from "./mayAsk.ts";
import { Problem } from "./problem.tsx";

/** Answers the question of its address. With script, it shows the answer while it is made. */
export const askView: View = {
  path: "/",
  title: "Ask",
  nav: "Ask",
  script: true,
  async render(c, doors) {
    const asked = typed(c.req.query());
    const empty = asked.question === "";
    // The question is asked while the page above its answer is made.
    const late = empty || !mayAsk(c) ? undefined : answered(c, asked, doors);
    const offer = await offered(c, doors);
    const main = (
      <>
        <h1>Ask the docs</h1>
        <AskForm asked={asked} offer={offer} />
        <p id="status" class="hidden" role="status" />
        <div id="answer">{begun(empty, late, offer)}</div>
      </>
    );
    const waiting = <p class="actions busy">Searching the docs</p>;
    return { main, title: empty ? undefined : shortened(asked.question), late, waiting };
  },
};

/** What stands below the question at first. */
function begun(empty: boolean, late: Promise<Part> | undefined, offer: Offered) {
  if (empty) return <Introduction offer={offer} />;
  return late ? <Later /> : <p class="notice">{UNASKED} Press Ask.</p>;
}

interface Offered extends Offer {
  /** Why nothing can be offered; null if it can. */
  failure: Failure | null;
}

async function offered(c: Context<Env>, doors: Doors): Promise<Offered> {
  try {
    const [serving, releases] = await Promise.all([doors.serving(), doors.releases()]);
    return { serving, releases, failure: null };
  } catch (thrown) {
    return { serving: [], releases: [], failure: c.var.failure(thrown) };
  }
}

/** The answer, or why there is none: shown in place, below the question. */
async function answered(c: Context<Env>, asked: Asked, doors: Doors): Promise<Part> {
  try {
    const { question, ...choice } = checked(asked);
    const { signal } = c.req.raw;
    const shown = await shownAnswer(await doors.ask(question, { ...choice, signal }), doors, signal);
    return { main: <AnswerCard shown={shown} /> };
  } catch (thrown) {
    const failure = c.var.failure(thrown);
    return { main: <Problem {...failure} retry={askPath(asked)} />, status: failure.status };
  }
}

/** What answers, before anything was asked. */
function Introduction({ offer: { serving, failure } }: { offer: Offered }) {
  if (failure) return <Problem {...failure} retry="/" />;
  if (serving.length === 0) return <Problem code="UnknownRelease" message="No release serves yet." retry="/" />;
  return (
    <>
      <p class="soft">Every answer cites the docs. What they do not answer is refused.</p>
      <ul class="corpora">
        {serving.map((release) => (
          <Corpus key={release.corpus} {...release} />
        ))}
      </ul>
    </>
  );
}

function Corpus({ corpus, release, createdAt, docs, ranking, quality }: ServingRelease) {
  return (
    <li class="card">
      <h2>{corpus}</h2>
      <dl class="facts">
        <dt>Docs</dt>
        <dd>
          {docs.source}, {docs.pages} pages, {docs.passages} passages
        </dd>
        <dt>Release</dt>
        <dd>
          <code>{release}</code> of {createdAt.slice(0, 10)}, {ranking === "reranked" ? "reranked" : "retrieval alone"}
        </dd>
        {quality?.ndcg && (
          <>
            <dt>nDCG@10</dt>
            <dd>
              {quality.ndcg.value.toFixed(3)} ({quality.ndcg.low.toFixed(3)} to {quality.ndcg.high.toFixed(3)}) over{" "}
              {quality.questions} questions
            </dd>
          </>
        )}
      </dl>
      <p class="soft">{wrongness(quality)}</p>
    </li>
  );
}

const MAX_TITLE = 80;

function shortened(question: string): string {
  return question.length <= MAX_TITLE ? question : `${question.slice(0, MAX_TITLE - 1)}…`;
}
