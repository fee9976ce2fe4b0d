import { describe, expect, it } from "vitest";
import type { Style } from "../../../artifacts/written.ts";
import { parseReply, questionKey } from "./reply.ts";

const heading = ["Queues", "Draining a queue"];
const text = "To stop new jobs from entering a busy queue, set the field closed of the queue before the next restart.";
const parse = (reply: string, style: Style = "howto") => parseReply(reply, { style, heading, text });

describe("parseReply", () => {
  it.each([
    ["How do I keep more work from coming in?", "How do I keep more work from coming in?"],
    ['1. "How do I keep more work from coming in?"', "How do I keep more work from coming in?"],
    ["**Question:** How do I keep more work from coming in?", "How do I keep more work from coming in?"],
    [
      "Sure, here is a question:\n\n- Question 1: How can I shut the intake?\nAnswer: set it",
      "How can I shut the intake?",
    ],
    ["How can I shut the intake of work? You set the field.", "How can I shut the intake of work?"],
  ])("%j asks %j", (reply, question) => {
    expect(parse(reply)).toEqual({ question });
  });

  it.each([
    ["", "empty"],
    ["```\n---", "empty"],
    ["Set the field to true and then restart it.", "no question"],
    ["How do I clean the limescale out of the machine?", "no question"],
    ["How does this passage describe the intake?", "about the text"],
    ["According to what is said, how does one stop it?", "about the text"],
    ["How?", "length"],
    [`How do I ${"really ".repeat(30)}stop it?`, "length"],
    ["How to stop new jobs from entering a busy queue?", "copied"],
  ])("%j is refused: %s", (reply, rejected) => {
    expect(parse(reply)).toEqual({ rejected });
  });

  it("accepts a complaint as a symptom and bare words as keywords, and rejects a copied heading", () => {
    expect(parse("my queue keeps taking more work", "symptom")).toEqual({
      question: "my queue keeps taking more work",
    });
    expect(parse("the queue takes more work", "symptom")).toEqual({ rejected: "no question" });
    expect(parse("shut queue intake", "keywords")).toEqual({ question: "shut queue intake" });
    expect(parse("Draining a queue", "keywords")).toEqual({ rejected: "copied" });
  });

  it("takes a message of several sentences where the style asks for context, and no shorter one", () => {
    const message =
      "Our batch cluster gets a new release tonight and people still send work to it. How can I let what runs finish first, and keep the rest out?";
    expect(parse(message, "context")).toEqual({ question: message });
    expect(parse("How can I keep the rest out?", "context")).toEqual({ rejected: "length" });
  });

  it("two questions with the same terms have the same key", () => {
    expect(questionKey("How do I stop jobs?")).toBe(questionKey("how to stop the job"));
  });
});
