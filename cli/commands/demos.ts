import { ask } from "../../client/ask.ts";
import { SAMPLE, sampleQuestions } from "../../client/sample.ts";
import type { AskResult } from "../../contracts/ask.ts";
import { rule } from "../nextSteps.ts";
import { renderAnswer } from "../renderAnswer.ts";
import { bold } from "../style.ts";
import type { Running } from "./serve.ts";

/** Asks the sample's questions once, as soon as a release serves. Other corpora have none. */
export class Demos {
  readonly answers: { question: string; result: AskResult }[] = [];

  constructor(
    private readonly now: Running,
    private readonly corpus: string | undefined,
  ) {}

  /** @param release asked instead of the champion, which may change meanwhile */
  async ask(release?: string): Promise<void> {
    const { client, io, stopping } = this.now;
    if (this.corpus !== SAMPLE) return;
    for (const question of sampleQuestions()) {
      const choice = release ? { release } : { corpus: SAMPLE };
      const asking = () => ask(client, question, { ...choice, demo: true, signal: stopping.stop });
      // While the run goes on, the live line shows its stage.
      const result = await (release ? asking() : io.busy("Asking", asking));
      this.answers.push({ question, result });
      io.print((columns) => `\n${rule(columns)}\n${bold(`? ${question}`)}\n\n${renderAnswer(result)}`);
    }
  }
}
