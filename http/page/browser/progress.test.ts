import { describe, expect, it } from "vitest";
import { abstention, answerOf } from "../../testing/answers.ts";
import { eventReader } from "./events.ts";
import { BEGUN, type Happening, isOver, keptOf, next, said } from "./progress.ts";

const reached = (...happenings: Happening[]) => happenings.reduce(next, BEGUN);
const accepted: Happening = { event: "accepted", data: { id: "ask-1" } };
const token = (text: string): Happening => ({ event: "token", data: { text } });
const lost: Happening = { event: "lost", data: null };

describe("an event stream", () => {
  it("is read the same wherever it is cut", () => {
    const text = ': beat\n\nevent: token\ndata: {"text":"é\\n"}\n\nevent: answer\r\ndata: {}\r\n\r\nevent: token\nda';
    const whole = eventReader()(text);
    expect(whole).toEqual([
      { event: "token", data: '{"text":"é\\n"}' },
      { event: "answer", data: "{}" },
    ]);
    const read = eventReader();
    expect([...text].flatMap((letter) => read(letter))).toEqual(whole);
  });
});

describe("a question in the browser", () => {
  it("shows what the LLM wrote so far, and begins anew where it does", () => {
    expect(reached(accepted, token("a"), token("b"))).toMatchObject({ phase: "writing", draft: "ab" });
    expect(reached(accepted, token("a"), { event: "restart", data: {} }, token("c")).draft).toBe("c");
  });

  it("ends with the recorded answer, whatever comes later", () => {
    const answer = answerOf("Use a Job [1].", []);
    const ended = reached(accepted, token("a"), { event: "answer", data: answer }, token("late"), lost);
    expect(ended).toMatchObject({ phase: "answered", answer, draft: "a" });
    expect(said(ended)).toBe("The answer is ready");
    expect(next(ended, { event: "sources", data: [null] }).sources).toEqual([null]);
  });

  it("says that the docs do not answer", () => {
    expect(said(reached({ event: "abstained", data: abstention() }))).toBe("The docs do not seem to answer this");
  });

  it("is read again after a lost stream if it was accepted, and fails otherwise", () => {
    expect(reached(accepted, lost).phase).toBe("lost");
    expect(reached(accepted, lost, { event: "answer", data: answerOf("a", []) }).phase).toBe("answered");
    expect(reached(lost)).toMatchObject({ phase: "failed", problem: { code: "Offline" } });
  });

  it("is forgotten under way and kept once it has ended, where nobody follows it any more", () => {
    expect([
      keptOf(null),
      keptOf(BEGUN),
      keptOf(reached(accepted, token("a"))),
      keptOf(reached(accepted, lost)),
    ]).toEqual([null, null, null, null]);
    const ended = reached({ event: "abstained", data: abstention() });
    expect(keptOf(ended)).toBe(ended);
  });

  it("stays stopped", () => {
    const stopped = reached(accepted, { event: "stopped", data: null }, token("a"));
    expect([stopped.phase, stopped.draft, isOver(stopped)]).toEqual(["stopped", "", true]);
  });

  it("ignores events of a later server", () => {
    expect(reached(accepted, { event: "hint", data: {} } as unknown as Happening).phase).toBe("asking");
  });
});
