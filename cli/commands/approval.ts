import { userInfo } from "node:os";
import { decide, type Waiting } from "../../client/approval.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { ApprovalDecision } from "../../contracts/release.ts";
import { unlessAborted } from "../../core/base/unlessAborted.ts";
import type { Io } from "../io.ts";
import { onStack } from "../onStack.ts";

export type ApprovalOptions = Partial<ApprovalDecision> & Waiting;

/** `winnow releases approve` and `reject`. */
export async function approvalCommand(
  config: CliConfig,
  io: Io,
  decision: "approve" | "reject",
  { workflow, corpus, by = userInfo().username, reason, release }: ApprovalOptions,
): Promise<void> {
  await onStack(config, io, async (client, { stop }) => {
    const decided = decide(client, decision, { by, reason, release }, { workflow, corpus });
    const result = await unlessAborted(decided, stop);
    const now = decision === "approve" ? "serves now" : "is kept, not promoted";
    io.result(
      result,
      () => `Release ${result.release} of ${result.corpus} ${now} (${result.outcome} by ${result.by}).`,
    );
  });
}
