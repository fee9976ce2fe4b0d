import type { Client } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";
import { configuredLlm } from "../config/cliConfig.ts";
import type { AskResult } from "../contracts/ask.ts";
import { WORKFLOWS } from "../contracts/names.ts";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import type { LlmSettings } from "../core/llm/llm.ts";
import { CANCEL_MS, startAsk } from "./ask.ts";
import { askedText } from "./askedQuestions.ts";
import { openDesk } from "./desk.ts";
import type { Doors } from "./doors.ts";
import { addVote, votesOn } from "./feedback.ts";
import { followAsk, LOOKS_PER_SECOND } from "./followAsk.ts";
import { InProgress } from "./inProgress.ts";
import { openLookups } from "./lookups.ts";
import { asWinnowError, resultOf } from "./outcome.ts";
import { Pace } from "./pace.ts";
import { listAnswers, type RecordPlaces, recordedAnswer, recordedQuestion } from "./records.ts";
import { listReleases } from "./releases.ts";
import { servingReleases } from "./serving.ts";
import type { Computing, Places, StackSettings } from "./settings.ts";
import { RunningServer, type TemporalSource } from "./temporalSource.ts";

/** The doors of a server that stays up. */
export interface OpenDoors extends Doors {
  /** Ends compute processes and the connection to Temporal. */
  close(): Promise<void>;
}

/** Temporal's limit of a workflow id, in the characters that Winnow's own have. */
const WORKFLOW_ID = /^[\w.:-]{1,255}$/;
const ANSWER_MS = 5000;
/** Time that questions whose callers have left get to cancel their workflows. */
const LEAVE_MS = 1000;

/**
 * Opens the doors on the releases of this home and on its Temporal server, to which it connects with the first question.
 * Throws StorageFailed, StoreUnavailable.
 *
 * @param server the Temporal server; default: the configured one, or the one that runs on this home
 *
 * @example
 * const doors = await openDoors(config);
 * const { id, answer } = await doors.ask("how do I run a one-off task?");
 */
export async function openDoors(
  config: Places & Computing & StackSettings,
  server: TemporalSource = new RunningServer(config),
): Promise<OpenDoors> {
  const lookups = await openLookups(config);
  const asks = new InProgress();
  const pace = new Pace(LOOKS_PER_SECOND);
  const llm = configuredLlm(config);
  const stored: Doors["stored"] = (id) => storedOrRecorded(config, server, id);
  return {
    ...lookups,
    async ask(question, { signal, ...choice } = {}) {
      const leave = asks.enter();
      try {
        const client = await unlessAborted(server.client(), signal);
        const handle = await startAsk(client, question, choice);
        return { id: handle.workflowId, ...(await resultOf<AskResult>(handle, signal, { leaveMs: CANCEL_MS })) };
      } finally {
        leave();
      }
    },
    async *follow(question, choice = {}) {
      const leave = asks.enter();
      try {
        yield* followAsk(await unlessAborted(server.client(), choice.signal), question, { ...choice, pace });
      } finally {
        leave();
      }
    },
    stored,
    question: (id) => questionText(config, server, id),
    records: (filter) => listAnswers(config, filter),
    feedback: (vote) => addVote(config, vote, stored, (id) => questionText(config, server, id)),
    votes: (answer) => votesOn(config, answer),
    releases: () => listReleases(config),
    serving: () => servingReleases(config),
    desk: openDesk(config, server),
    ...(llm === null ? {} : { complete: completing(llm) }),
    async unready() {
      try {
        await lookups.release();
        await server.probe();
        return null;
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code === "UnknownRelease") return "no release serves yet";
        return code === "TemporalUnreachable" ? "Temporal does not answer" : "the releases cannot be read";
      }
    },
    async close() {
      await Promise.all([lookups.close(), asks.none(LEAVE_MS).then(() => server.close())]);
    },
  };
}

/** Replies of an endpoint. Its client is loaded with the first one. */
function completing(settings: LlmSettings): NonNullable<Doors["complete"]> {
  return async (prompt, signal) => {
    const { openLlm } = await import("../core/llm/llm.ts");
    const { text } = await openLlm(settings).complete([{ role: "user", content: prompt }], signal);
    return text;
  };
}

/** An answer from Temporal, otherwise from its record. A server that does not answer is no reason to hide a record. */
async function storedOrRecorded(places: RecordPlaces, server: TemporalSource, id: string): ReturnType<Doors["stored"]> {
  if (!WORKFLOW_ID.test(id)) return null;
  let away: unknown = null;
  try {
    const stored = await storedAnswer(await server.client(), id);
    if (stored !== null) return stored;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "TemporalUnreachable") throw error;
    away = error;
  }
  const recorded = await recordedAnswer(places, id);
  if (recorded === null && away !== null) throw away;
  return recorded;
}

/** The text of a question. It adds to an answer that is there, so what cannot be read is null. */
async function questionText(places: RecordPlaces, server: TemporalSource, id: string): Promise<string | null> {
  if (!WORKFLOW_ID.test(id)) return null;
  const read = (client: Client) => client.withDeadline(Date.now() + ANSWER_MS, () => askedText(client, id));
  const asked = await server
    .client()
    .then(read)
    .catch(() => null);
  return asked ?? recordedQuestion(places, id);
}

/** The result of a workflow `ask`. Throws the error that it ended with. */
async function storedAnswer(client: Client, id: string): ReturnType<Doors["stored"]> {
  const handle = client.workflow.getHandle(id);
  try {
    const { type, status } = await client.withDeadline(Date.now() + ANSWER_MS, () => handle.describe());
    if (type !== WORKFLOWS.ask) return null;
    if (status.name === "RUNNING") return "running";
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw asWinnowError(error);
  }
  return { id, ...(await resultOf<AskResult>(handle)) };
}
