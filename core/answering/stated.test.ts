import { afterAll, describe, expect, it } from "vitest";
import { statingPassages } from "../docs/statingPassages.ts";
import { openLlm } from "../llm/llm.ts";
import { ScriptedLlm, says } from "../llm/testing/scriptedLlm.ts";
import { answerBy } from "./modes/index.ts";
import { statesFor } from "./stated.ts";
import { askedOf, rankedPassage, toolsOf } from "./testing/answerFixture.ts";
import { citationsHold } from "./testing/citationsHold.ts";

const on = (page: string, id: string, text: string, heading: string[]) => ({
  ...rankedPassage(1, text, 0.9, heading),
  id,
  page,
});
const PAGE_STATE = "FEATURE STATE: v1.30 [beta] (enabled by default: true)";
const swapPage = on("nodes.md", "n1", `${PAGE_STATE}\nNodes have memory.`, ["Nodes"]);
const swapState = on("nodes.md", "n2", "FEATURE STATE: v1.28 [beta]\nSwap is like this.", ["Nodes", "Swap"]);
const swapUse = on("nodes.md", "n3", "Pods use swap memory when LimitedSwap is set.", ["Nodes", "Swap", "Use"]);
const shutdown = on("nodes.md", "n4", "Nodes shut down gracefully.", ["Nodes", "Shutdown"]);
const gate = on("gates/NodeSwap.md", "g", "Allows swap.\nFEATURE STATE: v1.22 to v1.27 [alpha]; since v1.28 [beta]", [
  "NodeSwap",
]);
const stating = statingPassages([swapPage, swapState, swapUse, shutdown, gate]);
const ids = async (question: string, ...drawnOn: (typeof gate)[]) =>
  (await statesFor(question, drawnOn, stating)).map(({ id }) => id);

describe("statesFor", () => {
  it("uses the state of the closest section above, not of a sibling", async () => {
    expect(await ids("do pods use swap in v1.29?", swapUse)).toEqual(["n2"]);
    expect(await ids("graceful shutdown in v1.29?", shutdown)).toEqual(["n1"]);
  });

  it("puts the page that the question names first", async () => {
    expect(await ids("is NodeSwap enabled by default?", swapUse)).toEqual(["g", "n2"]);
  });

  it.each([
    ["CPUManager", "is CPUManager on by default?"],
    ["APIServerTracing", "Which version has APIServerTracing."],
    ["CRDValidationRatcheting", "what is the state of CRDValidationRatcheting?"],
    ["TopologyManager", "since which version is `TopologyManager=true` the default"],
    ["Accelerators", "is the feature gate Accelerators still there"],
  ])("knows the page %s by its name in a question", async (title, asked) => {
    const page = on(`gates/${title}.md`, "t", "FEATURE STATE: since v1.28 [beta]", [title]);
    expect(await statesFor(asked, [], statingPassages([page, gate, swapPage]))).toEqual([page]);
  });

  it("reads neither a plain word that is a title nor part of a longer word as a name", async () => {
    const manager = on("gates/m.md", "m", "FEATURE STATE: since v1.28 [beta]", ["CPUManager"]);
    const asked = [
      "are Nodes stable?",
      "is CPUManagerPolicyOptions beta?",
      "is spec.CPUManager beta?",
      "which feature gate do Nodes need?",
    ];
    for (const each of asked) expect(await statesFor(each, [], statingPassages([manager, swapPage]))).toEqual([]);
    for (const each of ["what does CPUManager do?", "what status does CPUManager report?"])
      expect(await statesFor(each, [], statingPassages([manager]))).toEqual([]);
  });

  it("uses a page's only statement for all its sections", async () => {
    const lone = on("one.md", "o", "FEATURE STATE: v1.25 [stable]", ["One", "What it is"]);
    const use = on("one.md", "u", "How to use it.", ["One", "Use"]);
    expect(await statesFor("is it stable?", [use], statingPassages([lone, use]))).toEqual([lone]);
  });

  it("returns none if no version or stage is asked for", async () => {
    expect(await ids("do pods use NodeSwap?", swapUse)).toEqual([]);
  });
});

describe("an answer with states", () => {
  const server = new ScriptedLlm();
  afterAll(() => server.end());
  const question = "do pods use swap memory in v1.29?";

  it("quotes the state first, cited, verbatim and once", async () => {
    const asked = { ...askedOf(question, [swapUse]), states: [swapState] };
    const answer = await answerBy("quotation", asked, toolsOf());
    expect(answer.answer).toBe(`Swap: FEATURE STATE: v1.28 [beta] [2]\n\n${swapUse.text} [1]`);
    expect(citationsHold(answer.citations, [swapUse, swapState])).toBe(true);
    const own = { ...askedOf("FEATURE STATE of swap", [swapState]), states: [swapState] };
    const again = await answerBy("quotation", own, toolsOf());
    expect(again.answer.match(/FEATURE STATE/g)).toHaveLength(1);
  });

  it("leaves out states of pages that the answer does not cite", async () => {
    const asked = { ...askedOf(question, [swapUse]), states: [gate, swapState] };
    const { citations } = await answerBy("quotation", asked, toolsOf());
    expect(citations.map(({ page }) => page)).toEqual(["nodes.md", "nodes.md"]);
    const named = { ...asked, question: "is NodeSwap beta?" };
    expect((await answerBy("quotation", named, toolsOf())).answer).toContain("NodeSwap: FEATURE STATE: v1.22");
  });

  it("passes the state to the LLM for citation", async () => {
    const llm = openLlm({ baseUrl: await server.listen(), model: "tiny" });
    server.play(says("Pods use swap memory when LimitedSwap is set [1]. Swap is beta in v1.28 [2]."));
    const asked = { ...askedOf(question, [swapUse]), states: [swapState] };
    const answer = await answerBy("llm", asked, toolsOf(llm));
    expect(server.calls[0]!.body).toContain("FEATURE STATE: v1.28 [beta]");
    expect(answer.citations.map(({ page, heading }) => [page, heading.at(-1)])).toEqual([
      ["nodes.md", "Use"],
      ["nodes.md", "Swap"],
    ]);
    expect(answer.unsupported).toEqual([]);
  });
});
