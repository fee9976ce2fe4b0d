import type { Context } from "hono";
import type { Doors } from "../../../client/doors.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { type VoteInput, voteInputSchema } from "../../../contracts/feedback.ts";
import { parseInput } from "../../../core/base/parseInput.ts";
import { HttpFailure } from "../../failure.ts";
import type { Env } from "../../protocol.ts";
import { AnswerCard } from "../answer/answerCard.tsx";
import { prepare, shownAnswer, sourcesOf } from "../answer/prepare.ts";
import { mayAsk, UNASKED } from "../ask/mayAsk.ts";
import { Problem } from "../ask/problem.tsx";
import { Later } from "../layout/later.tsx";
import type { Part, View } from "../view.ts";
import { Counterfactual } from "./counterfactual.tsx";
import { otherAnswer } from "./otherAnswer.ts";

/** A recorded answer at its lasting address, and what another release says to the same question. */
export const receiptView: View = {
  path: "/asks/:id",
  title: "Receipt",
  script: true,
  async render(c, doors) {
    const answer = await recorded(c, doors);
    if (answer === "running") return { main: <Running path={c.req.path} />, status: 202 };
    const question = await doors.question(answer.id);
    const chosen = c.req.query("release");
    const late = chosen && mayAsk(c) ? otherPart(c, doors, answer, question, chosen) : undefined;
    const [shown, releases] = await Promise.all([
      shownAnswer(answer, doors, c.req.raw.signal),
      doors.releases().catch(() => []),
    ]);
    const main = (
      <>
        <h1>Receipt</h1>
        <p class="question">{question ?? <span class="soft">The text of the question was not kept.</span>}</p>
        {c.req.query("voted") && (
          <p class="notice good" role="status">
            Thank you. A person decides what becomes of the vote.
          </p>
        )}
        {chosen ? (
          <div class="beside">
            <section>
              <h2>
                Release <code>{answer.receipt.release}</code>
              </h2>
              <AnswerCard shown={shown} />
            </section>
            <section>
              <h2>
                Release <code>{chosen}</code> says now
              </h2>
              {late ? <Later /> : <Unasked path={otherPath(c, chosen)} />}
            </section>
          </div>
        ) : (
          <AnswerCard shown={shown} whole />
        )}
        <Counterfactual
          answer={answer}
          question={question}
          releases={releases}
          chosen={chosen}
          given={c.req.query("q")}
        />
        <p class="faint">
          Answer <code>{answer.id}</code>. For programs: <a href={`/v1/asks/${answer.id}`}>JSON</a>
        </p>
      </>
    );
    return {
      ...{ main, late, waiting: <p class="actions busy">Asking it</p> },
      title: question === null ? undefined : `Receipt: ${question.slice(0, MAX_TITLE)}`,
    };
  },
  async act(form, c, doors) {
    await doors.feedback(voteOf(form, c.req.param("id") ?? ""));
    return `${c.req.path}?voted=1`;
  },
  also(app, doors) {
    app.get("/asks/:id/prepared", async (c) => c.json(await prepare(await ready(c, doors), doors)));
    app.get("/asks/:id/sources", async (c) => c.json(await sourcesOf(await ready(c, doors), doors, c.req.raw.signal)));
  },
};

const MAX_TITLE = 80;

/** What another release says to the question of an answer, or why it says nothing. */
async function otherPart(
  c: Context<Env>,
  doors: Doors,
  answer: IdentifiedAnswer,
  question: string | null,
  release: string,
): Promise<Part> {
  try {
    return { main: <AnswerCard shown={await otherAnswer(c, doors, answer, question, release)} prefix="other-" /> };
  } catch (thrown) {
    return { main: <Problem {...c.var.failure(thrown)} retry={otherPath(c, release)} /> };
  }
}

/** The address that asks another release, with the question if it was typed. */
function otherPath(c: Context<Env>, release: string): string {
  const q = c.req.query("q");
  return `${c.req.path}?${new URLSearchParams({ release, ...(q ? { q } : {}) })}`;
}

function Unasked({ path }: { path: string }) {
  return (
    <div class="notice">
      <p>{UNASKED}</p>
      <p class="actions">
        <a class="button" href={path}>
          Ask it
        </a>
      </p>
    </div>
  );
}

function Running({ path }: { path: string }) {
  return (
    <div class="notice">
      <h1>Not answered yet</h1>
      <p>The question is still being answered.</p>
      <p class="actions">
        <a class="button" href={path}>
          Look again
        </a>
      </p>
    </div>
  );
}

/** Throws BadInput for a form that no receipt has. */
function voteOf(form: URLSearchParams, answer: string): VoteInput {
  const fields = Object.fromEntries([...form].filter(([, value]) => value.trim() !== ""));
  return parseInput(voteInputSchema, { ...fields, answer });
}

async function recorded(c: Context<Env>, doors: Doors): Promise<IdentifiedAnswer | "running"> {
  const stored = await doors.stored(c.req.param("id") ?? "");
  if (stored === null) throw new HttpFailure(404, "NotFound", "There is no such answer, or it is not kept any more.");
  return stored;
}

async function ready(c: Context<Env>, doors: Doors): Promise<IdentifiedAnswer> {
  const answer = await recorded(c, doors);
  if (answer === "running") throw new HttpFailure(404, "NotFound", "The question is not answered yet.");
  return answer;
}
