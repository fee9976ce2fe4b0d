import type { Context } from "hono";
import type { Doors } from "../../../client/doors.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import { HttpFailure } from "../../failure.ts";
import type { Env } from "../../protocol.ts";
import { AnswerCard } from "../answer/answerCard.tsx";
import { prepare, shownAnswer, sourcesOf } from "../answer/prepare.ts";
import type { View } from "../view.ts";

/** A recorded answer at its lasting address. */
export const receiptView: View = {
  path: "/asks/:id",
  title: "Receipt",
  script: true,
  async render(c, doors) {
    const answer = await recorded(c, doors);
    if (answer === "running") return { main: <Running path={c.req.path} />, status: 202 };
    const shown = await shownAnswer(answer, doors, c.req.raw.signal);
    return {
      main: (
        <>
          <h1>Receipt</h1>
          <AnswerCard shown={shown} />
        </>
      ),
    };
  },
  also(app, doors) {
    app.get("/asks/:id/prepared", async (c) => c.json(await prepare(await ready(c, doors), doors)));
    app.get("/asks/:id/sources", async (c) => c.json(await sourcesOf(await ready(c, doors), doors, c.req.raw.signal)));
  },
};

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

async function recorded(c: Context<Env>, doors: Doors): Promise<IdentifiedAnswer | "running"> {
  const stored = await doors.stored(c.req.param("id") ?? "");
  if (stored === null)
    throw new HttpFailure(404, "NotFound", "There is no such answer, or Temporal does not keep it any more.");
  return stored;
}

async function ready(c: Context<Env>, doors: Doors): Promise<IdentifiedAnswer> {
  const answer = await recorded(c, doors);
  if (answer === "running") throw new HttpFailure(404, "NotFound", "The question is not answered yet.");
  return answer;
}
