import type { Doors } from "../client/doors.ts";
import { statusToolInput, statusToolOutput } from "../contracts/agents.ts";
import type { AgentTool } from "./tool.ts";

/** The tool `status`. With `only`, it shows this corpus alone. */
export function statusTool(
  doors: Pick<Doors, "serving" | "unready">,
  only?: string,
): AgentTool<typeof statusToolInput, typeof statusToolOutput> {
  return {
    name: "status",
    title: "What the docs are and how good the answers are",
    description:
      "The docs that can be asked: corpus, release and its date, pages, passages, measured nDCG, and how often unanswerable questions are answered and answerable ones refused. Use it before relying on an answer, or after an error that says nothing serves.",
    input: statusToolInput,
    output: statusToolOutput,
    async run() {
      const [serving, why] = await Promise.all([doors.serving(), doors.unready()]);
      const corpora = only === undefined ? serving : serving.filter(({ corpus }) => corpus === only);
      return { ready: why === null, why, corpora };
    },
  };
}
