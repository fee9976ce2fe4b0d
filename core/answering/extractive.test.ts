import { describe, expect, it } from "vitest";
import { extractiveAnswer } from "./extractive.ts";
import { rankedPassage, wordScorer } from "./testing/answerFixture.ts";
import { citationsHold } from "./testing/citationsHold.ts";

const jobs = rankedPassage(
  1,
  "A Job tracks Pods until they finish. Jobs are part of the batch API group.\n\n" +
    "To delete finished Jobs automatically, set the field `ttlSecondsAfterFinished` of the Job. " +
    "It takes a number of seconds.\n\nHere is a command that deletes one Job:\n\n```shell\nkubectl delete job pi\n```\n\n" +
    "See the reference for more.",
  0.9,
  ["Jobs", "Clean up"],
);
const cron = rankedPassage(2, "CronJobs keep three finished Jobs. Schedules follow the cron syntax.", 0.6, ["CronJob"]);

describe("extractiveAnswer", () => {
  it("quotes the sentence that answers, not the first one", async () => {
    const answer = await extractiveAnswer("delete finished jobs automatically", [jobs, cron], wordScorer);
    expect(answer!.citations[0]!.quote).toContain("ttlSecondsAfterFinished");
    expect(answer!.text).not.toContain("A Job tracks Pods");
    expect(answer!.text).toContain("[1]");
  });

  it("quotes a command with the sentence that introduces it, in a closed fence", async () => {
    const answer = await extractiveAnswer("command that deletes one job", [jobs], wordScorer);
    expect(answer!.text).toContain("Here is a command that deletes one Job:");
    expect(answer!.text).toContain("kubectl delete job pi");
    expect(answer!.text.match(/```/g)).toHaveLength(2);
  });

  it("quotes briefly and verbatim, and numbers its citations in order", async () => {
    for (const question of ["finished jobs", "cron schedule syntax", "delete job", "what is a Job", "x"]) {
      const answer = await extractiveAnswer(question, [jobs, cron], wordScorer);
      expect(citationsHold(answer!.citations, [jobs, cron])).toBe(true);
      expect(answer!.text.length).toBeLessThan(1100);
      const markers = [...answer!.text.matchAll(/\[(\d)\]/g)].map((match) => Number(match[1]));
      expect(markers).toEqual(answer!.citations.map((_, index) => index + 1));
    }
  });

  it("shows the answering row with its column names, and cites it verbatim", async () => {
    const text =
      "Protocol | Port Range | Purpose\nTCP | 6443 | Kubernetes API server\nTCP | 2379 | etcd server client API";
    const ports = rankedPassage(1, text, 0.9, ["Ports", "Control plane"]);
    const answer = await extractiveAnswer("etcd client port", [ports], wordScorer);
    expect(answer!.text).toContain("Protocol: TCP; Port Range: 2379; Purpose: etcd server client API");
    expect(answer!.text).not.toContain(" | ");
    expect(answer!.citations[0]!.quote).toContain("TCP | 2379 | etcd server client API");
  });

  it("shows a pipe in prose unchanged", async () => {
    const text = "To list the failed Pods, run kubectl get pods | grep Failed in your shell.\nNodes stay as they are.";
    const answer = await extractiveAnswer("list failed pods", [rankedPassage(1, text, 0.9)], wordScorer);
    expect(answer!.text).toBe("To list the failed Pods, run kubectl get pods | grep Failed in your shell. [1]");
  });

  it("does not lose a sentence without a full stop above the rows it introduces", async () => {
    const text = "The following flags are available for draining\n`--force` | deletes bare Pods\n`--grace` | waits";
    const answer = await extractiveAnswer("flags available for draining", [rankedPassage(1, text, 0.9)], wordScorer);
    expect(answer!.text).toBe(
      "The following flags are available for draining\n- `--force`: deletes bare Pods\n- `--grace`: waits [1]",
    );
  });

  it("quotes another passage only if it scores nearly as well", async () => {
    const good = rankedPassage(
      2,
      "The TTL controller deletes finished Jobs and other objects automatically, once their lifetime is over.",
      0.9,
      ["TTL"],
    );
    const poor = rankedPassage(3, "Nodes run the kubelet.", 0.5, ["Nodes"]);
    const answer = await extractiveAnswer("delete finished jobs automatically", [jobs, good, poor], wordScorer);
    expect(answer!.citations.map((citation) => citation.page).sort()).toEqual(["page1.md", "page2.md"]);
  });

  it("prefers a statement to a list of links or a command's output", async () => {
    const next = rankedPassage(1, "Learn about draining a node safely.\nSee how to drain a node.", 0.9, [
      "Drain",
      "What's next",
    ]);
    const real = rankedPassage(
      2,
      "To drain a node, run kubectl drain. The output is similar to this:\n```\nnode drained\n```",
      0.7,
      ["Drain"],
    );
    const answer = await extractiveAnswer("drain a node", [next, real], wordScorer);
    expect(answer!.citations[0]).toMatchObject({
      page: "page2.md",
      quote: expect.stringContaining("run kubectl drain"),
    });
  });

  it("quotes the block that holds an error message", async () => {
    const message = "Too many missed start time (> 100)";
    const text = `CronJobs start Jobs. If there are many missed schedules, it logs the error.\n\n\`\`\`\nCannot determine. ${message}. Set it.\n\`\`\`\nOther prose about schedules.`;
    const answer = await extractiveAnswer(`cron stopped, logs "${message}"`, [rankedPassage(1, text, 0.9)], wordScorer);
    expect(answer!.text).toContain(message);
  });

  it("does not quote an introduction without its code", async () => {
    const cut = rankedPassage(1, "Draining moves Pods away. To drain the node, run this command:", 0.9, ["Nodes"]);
    const answer = await extractiveAnswer("how Pods are moved when draining the node", [cut], wordScorer);
    expect(answer!.text).toBe("Draining moves Pods away. [1]");
  });

  it("quotes at most eight lines of code, with the command, and shows that the block goes on", async () => {
    const dump = Array.from({ length: 30 }, (_, n) => `COMPUTED VALUE ${n}`).join("\n");
    const text = `Some prose about charts.\n\`\`\`console\n$ helm install web ./web --set drink=tea\n${dump}\n\`\`\``;
    const answer = await extractiveAnswer("helm install --set a value", [rankedPassage(1, text, 0.9)], wordScorer);
    expect(answer!.text).toContain("$ helm install web ./web --set drink=tea");
    const block = /```\n([^`]*)\n```/.exec(answer!.text)![1]!;
    expect(block.split("\n")).toHaveLength(8);
    expect(answer!.text).toMatch(/```\n… \[1\]$/);
    expect(text).toContain(answer!.citations[0]!.quote);
  });

  it("does not add a quote of a passage far less relevant than the first", async () => {
    const near = rankedPassage(2, "A CronJob deletes finished Jobs automatically too.", 0.6, ["CronJob"]);
    const pages = async (relevance: number) => {
      const other = { ...near, scores: { ...near.scores, relevance } };
      const answer = await extractiveAnswer("delete finished jobs automatically", [jobs, other], wordScorer);
      return answer!.citations.map(({ page }) => page);
    };
    expect(await pages(0.7)).toEqual(["page1.md", "page2.md"]);
    expect(await pages(0.5)).toEqual(["page1.md"]);
  });

  it("quotes a section once", async () => {
    const first = rankedPassage(1, "The TTL controller deletes finished Jobs automatically.", 0.9, ["TTL"]);
    const second = rankedPassage(2, "Automatically deleted Jobs are finished ones with a lifetime.", 0.8, ["TTL"]);
    const passages = [first, { ...second, page: first.page, url: first.url }];
    const answer = await extractiveAnswer("delete finished jobs automatically", passages, wordScorer);
    expect(answer!.citations).toHaveLength(1);
  });

  it("prefers the passage of the better rank if two say the same", async () => {
    const text = "A drained node runs no Pods.";
    const passages = [rankedPassage(2, text, 0.9, ["B"]), rankedPassage(1, text, 0.9, ["A"])];
    const answer = await extractiveAnswer("drained node", passages, wordScorer);
    expect(answer!.citations.map(({ page }) => page)).toEqual(["page1.md"]);
  });

  it("does not answer with a page's subtitle, but with a definition there", async () => {
    const body = "To run a batch task to the end, create a Job.";
    const at = (text: string) => ({
      ...rankedPassage(1, `${text}\n${body}`, 0.9, ["Jobs"]),
      lines: [1, 9] as [number, number],
    });
    const subtitle = await extractiveAnswer(
      "run a task to the end",
      [at("Work that will run to the end.")],
      wordScorer,
    );
    expect(subtitle!.text).toContain("create a Job");
    const defined = await extractiveAnswer("what is a Job", [at("A Job is a task with an end.")], wordScorer);
    expect(defined!.text).toContain("A Job is a task with an end.");
  });

  it("returns null for passages without text", async () => {
    expect(await extractiveAnswer("x", [rankedPassage(1, " \n", 0.9)], wordScorer)).toBeNull();
  });
});
