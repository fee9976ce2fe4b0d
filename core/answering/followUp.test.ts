import { describe, expect, it, test } from "vitest";
import { isFollowUp, standalone } from "./followUp.ts";

describe("standalone", () => {
  it.each([
    [["How do I drain a node?", "what about the volumes?"], "what about the volumes? (drain node)"],
    [["What does rate() do?", "and irate?"], "and irate? (rate())"],
    [
      ["How do I create a Job?", "can I run several pods at once with it?"],
      "can I run several pods at once with it? (create Job)",
    ],
    [["Where are logs kept?", "why?"], "why? (logs kept)"],
    [["What is a taint?", "is it possible to ignore a taint?"], "is it possible to ignore a taint?"],
  ])("of %j is %j", (turns, question) => {
    expect(standalone(turns)).toBe(question);
  });

  it("leaves a question alone that changes the subject", () => {
    expect(standalone(["How do I drain a node?", "How do I renew certificates with kubeadm?"])).toBe(
      "How do I renew certificates with kubeadm?",
    );
  });

  it("carries the subject over several turns, and drops it once it changes", () => {
    const turns = ["How do I take a snapshot of etcd?", "how do I restore it?", "and on another machine?"];
    expect(standalone(turns)).toBe("and on another machine? (restore snapshot etcd)");
    expect(standalone([...turns, "How do I renew certificates with kubeadm?", "how long are they valid?"])).toBe(
      "how long are they valid? (renew certificates kubeadm)",
    );
  });

  it("repeats no word that the question has", () => {
    expect(standalone(["How do I restart a Deployment?", "and a Deployment with one replica?"])).toBe(
      "and a Deployment with one replica? (restart)",
    );
  });

  it("stays bounded over a long conversation of questions that point back", () => {
    const turns = ["How do I drain a node?", ...Array.from({ length: 200 }, (_, n) => `and with option${n}?`)];
    expect(standalone(turns).length).toBeLessThan(300);
  });

  it("of a single question is the question", () => {
    expect(standalone(["why?"])).toBe("why?");
  });
});

test.each([
  "how do I undo it?",
  "and for a StatefulSet?",
  "how do I stop that for a week?",
  "in YAML?",
  "who can read them?",
  "what is the default?",
  "what are the alternatives?",
])("%j points back", (question) => {
  expect(isFollowUp(question)).toBe(true);
});

test.each([
  "What is a taint?",
  "How do I roll out a new image with a Deployment?",
  "is it possible to resize a running pod?",
  "how many bytes is a char",
  "Our state lives in the local file and three colleagues join next week. I want to move it into Postgres.",
  "A Service that exists cannot be reached from other pods, which names resolve?",
])("%j stands by itself", (question) => {
  expect(isFollowUp(question)).toBe(false);
});
