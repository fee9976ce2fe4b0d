import type { Client } from "@temporalio/client";
import { configuredUi } from "../config/cliConfig.ts";
import { type WaitingCandidate, waitingCandidates } from "./approval.ts";
import { carryOut, type Decided, type Decision } from "./decisions.ts";
import { type Bounded, type DocsHealth, docsHealth } from "./docsHealth.ts";
import { type AlikePassages, NearDuplicatePassages } from "./nearDuplicates.ts";
import { asWinnowError } from "./outcome.ts";
import { compareQuestions, type QuestionComparison } from "./questionDifferences.ts";
import { type ReleaseDetails, releaseDetails } from "./releaseDetails.ts";
import { type CorpusReleases, releasesByCorpus } from "./releaseShelf.ts";
import { type RunDetails, requestCancel, runDetails, webUiOf } from "./runDetails.ts";
import { listRuns, type Run } from "./runs.ts";
import type { Places, StackSettings } from "./settings.ts";
import { shared } from "./shared.ts";
import { liveStack } from "./stackFile.ts";
import type { TemporalSource } from "./temporalSource.ts";

/** Time for all answers of Temporal behind one view. */
const ANSWER_MS = 8000;

/**
 * What the people who look after releases see and do. Functions on releases and docs need no Temporal; the others throw
 * TemporalUnreachable without it.
 */
export interface Desk {
  /** The releases of every corpus with quality and ledger. `limit` bounds those of a corpus. */
  releases(options?: { limit?: number }): Promise<CorpusReleases[]>;
  /** One release, by its id or the start of it. Throws UnknownRelease. */
  release(id: string): Promise<ReleaseDetails>;
  /** Wins and losses of release `a` against `b`, question by question. */
  compare(a: string, b: string): Promise<QuestionComparison>;
  /** Candidates that wait for a person. */
  waiting(): Promise<WaitingCandidate[]>;
  /** Carries out a person's decision. Throws PromotionConflict in words for the second of two who decide at once. */
  decide(decision: Decision): Promise<Decided>;
  /** Open runs, then those that ended last. */
  runs(): Promise<Run[]>;
  /** A run with its stages. Throws BadInput for an unknown id. */
  run(workflowId: string): Promise<RunDetails>;
  /** Requests the cancellation of a run. Throws BadInput for an unknown id. */
  cancelRun(workflowId: string): Promise<void>;
  /** Gives the address of a workflow in Temporal's Web UI; null if no Web UI is known. */
  webUi(): Promise<((workflowId: string) => string) | null>;
  /** The state of a corpus's docs; default: the corpus promoted last. Throws UnknownRelease. */
  docsHealth(corpus?: string): Promise<DocsHealth>;
  /** Passages worded nearly alike; null if they are still being compared after a second. */
  nearDuplicates(corpus?: string): Promise<Bounded<AlikePassages> | null>;
}

const PATIENCE_MS = 1000;
/** Time for which the state of a corpus's docs is shown again: it reads hundreds of records and histories. */
const SHARED_MS = 5000;

/** Opens the desk on the releases of this home and on its Temporal server. Throws BadInput for a wrong setting. */
export function openDesk(config: Places & StackSettings, server: TemporalSource): Desk {
  const named = configuredUi(config);
  const duplicates = new NearDuplicatePassages(config);
  const answering = async () => {
    const client = await server.client();
    await server.probe();
    return client;
  };
  const soon = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = await answering();
    return client
      .withDeadline(Date.now() + ANSWER_MS, () => work(client))
      .catch((error) => {
        throw asWinnowError(error);
      });
  };
  return {
    releases: (options) => releasesByCorpus(config, options),
    release: (id) => releaseDetails(config, id),
    compare: (a, b) => compareQuestions(config, a, b),
    waiting: () => soon(waitingCandidates),
    decide: async (decision) => carryOut(await answering(), config, decision),
    runs: () => soon(listRuns),
    run: (workflowId) => soon((client) => runDetails(client, workflowId)),
    cancelRun: (workflowId) => soon((client) => requestCancel(client, workflowId)),
    async webUi() {
      const ui = named ?? (await ownUi(config));
      return ui === null ? null : (workflowId) => webUiOf(ui, config.namespace, workflowId);
    },
    docsHealth: shared((corpus?: string) => docsHealth(config, soon, corpus), SHARED_MS),
    nearDuplicates: (corpus) => duplicates.of(corpus, PATIENCE_MS),
  };
}

/** The Web UI of the stack on this home; null for another Temporal server. */
async function ownUi(config: StackSettings): Promise<string | null> {
  const stack = await liveStack(config);
  const own = !config.temporalAddress || config.temporalAddress === stack?.address;
  return own ? (stack?.uiUrl ?? null) : null;
}
