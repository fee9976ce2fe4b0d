import { ask } from "../../client/ask.ts";
import type { ReleaseChoice } from "../../client/openRelease.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { onStack } from "../onStack.ts";
import { renderAnswer } from "../renderAnswer.ts";

/** `winnow ask`. */
export async function askCommand(config: CliConfig, io: Io, question: string, choice: ReleaseChoice): Promise<void> {
  await onStack(config, io, async (client, { stop }) => {
    const result = await io.busy("Asking", () =>
      ask(client, question, { release: choice.release, corpus: choice.corpus, signal: stop }),
    );
    io.result(result, () => renderAnswer(result));
  });
}
