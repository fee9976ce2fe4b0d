import { ACTIONS, type Action, type Decision, EXPIRES_MS } from "../../../client/decisions.ts";
import type { Desk } from "../../../client/desk.ts";
import { promoteInputSchema } from "../../../contracts/release.ts";
import { WinnowError } from "../../../core/base/errors.ts";
import { HttpFailure } from "../../failure.ts";
import type { Rendered } from "../view.ts";

const { by: bySchema, reason: reasonSchema, expected: expectedSchema } = promoteInputSchema.shape;

/** Carries out the decision of a form. A person who was second gets a page that says who decided what meanwhile. */
export async function decideBy(form: URLSearchParams, release: string, desk: Desk): Promise<string | Rendered> {
  const decision = decisionOf(form, release);
  try {
    const { changed, release: id } = await desk.decide(decision);
    if (changed === null)
      return { status: 202, title: "Not carried out yet", main: <NotYet decision={decision} release={id} /> };
    return `/releases/${id}?done=${changed ? decision.action : "already"}`;
  } catch (error) {
    if (!(error instanceof WinnowError) || error.code !== "PromotionConflict") throw error;
    return { status: 409, title: "Someone was faster", main: <Conflict words={error.message} decision={decision} /> };
  }
}

function decisionOf(form: URLSearchParams, release: string): Decision {
  const action = form.get("action") as Action;
  if (!ACTIONS.includes(action)) throw new HttpFailure(400, "BadInput", `action is one of ${ACTIONS.join(", ")}`);
  const by = bySchema.safeParse(form.get("by") ?? "");
  const reason = reasonSchema.safeParse(form.get("reason") ?? "");
  const champion = form.get("expected") ?? "";
  const expected = expectedSchema.safeParse(champion === "" ? undefined : champion);
  if (!by.data) throw new HttpFailure(400, "BadInput", "Give your name, of at most 200 characters.");
  if (!reason.data) throw new HttpFailure(400, "BadInput", "Say why, in at most 1,000 characters.");
  if (!expected.success) throw new HttpFailure(400, "BadInput", "expected is not the id of a release");
  return { action, release, by: by.data, reason: reason.data, expected: expected.data ?? null };
}

function NotYet({ decision: { action }, release }: { decision: Decision; release: string }) {
  const expires = action === "promote" || action === "rollback";
  return (
    <section class="notice warn">
      <h1>Not carried out yet</h1>
      <p>
        Your decision was given to Temporal, but no worker has finished it: none runs, or a large release is still being
        read. {expires && `If it is not done ${EXPIRES_MS / 60_000} minutes after you gave it, it never happens.`}
      </p>
      <p class="actions">
        <a class="button" href={`/releases/${release}`}>
          Look at {release} again
        </a>
      </p>
    </section>
  );
}

function Conflict({ words, decision }: { words: string; decision: Decision }) {
  return (
    <section class="notice warn">
      <h1>Someone was faster</h1>
      <p>{words}</p>
      <p>
        You wanted to {decision.action === "rollback" ? "go back to" : decision.action} release{" "}
        <code>{decision.release}</code>, because: {decision.reason}
      </p>
      <p class="actions">
        <a class="button" href="/releases">
          Look at the releases
        </a>
        <a href={`/releases/${decision.release}`}>Decide on {decision.release} again</a>
      </p>
    </section>
  );
}
