import { WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import {
  CancellationScope,
  condition,
  defineSignal,
  ParentClosePolicy,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from "@temporalio/workflow";
import { corpusLockId } from "../contracts/names.ts";
import { light, shortened, summarised } from "./pools.ts";

const release = defineSignal("release");

/** Holds a corpus for the run that started it. The workflow id derives from the corpus, so only one can exist. */
export async function corpusLock(_corpus: string): Promise<void> {
  let released = false;
  setHandler(release, () => {
    released = true;
  });
  await condition(() => released);
}

/** A lock that this run holds, or the id of the run that holds it. */
export type Hold = { heldBy: null; release(): Promise<void> } | { heldBy: string };

/** Takes the lock of a corpus. The lock ends with this run, however the run ends. */
export async function holdCorpus(corpus: string): Promise<Hold> {
  for (;;) {
    try {
      return await takeLock(corpus);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const heldBy = await summarised(light.lockHolder, `who holds ${corpus}`, corpus);
    if (heldBy !== null) return { heldBy };
    // The holder has just ended; the server will end its lock shortly.
    await sleep("1 second");
  }
}

/** A cancelled run keeps the lock until its stages have stopped. */
function takeLock(corpus: string): Promise<Hold> {
  return CancellationScope.nonCancellable(async () => {
    const lock = await startChild(corpusLock, {
      workflowId: corpusLockId(corpus),
      args: [corpus],
      parentClosePolicy: ParentClosePolicy.TERMINATE,
      staticSummary: shortened(`Corpus ${corpus} is held by ${workflowInfo().workflowId}`),
    });
    return {
      heldBy: null,
      release: () =>
        CancellationScope.nonCancellable(async () => {
          await lock.signal(release);
          await lock.result();
        }).catch(() => {
          // Somebody terminated the lock by hand, so there is nothing to release.
        }),
    };
  });
}
