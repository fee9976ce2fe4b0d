import type { Desk } from "../client/desk.ts";
import type { Doors } from "../client/doors.ts";
import { WinnowError } from "../core/base/errors.ts";

const RETRY_MS = 5000;

/** Reads of passages under way at once: an answer has a handful. */
const PASSAGES = 64;
/** Reads and decisions of the desk under way at once: a page has a handful. */
const DESK = 32;
const VOTES = 16;

/**
 * The doors with a limit on the questions, searches, rerankings and calls of the LLM under way at once, whatever protocol
 * they came by. Passages, votes and the desk have limits of their own, so that they cannot keep out questions. One more
 * throws Busy.
 */
export function limited(doors: Doors, atOnce: number): Doors {
  const { enter, leave, one } = places(atOnce, "questions");
  const [passages, votes, desk] = [places(PASSAGES, "passages"), places(VOTES, "votes"), places(DESK, "pages")];
  const { complete } = doors;
  return {
    ...doors,
    ask: (...args) => one(() => doors.ask(...args)),
    ...(complete ? { complete: (...args: Parameters<typeof complete>) => one(() => complete(...args)) } : {}),
    search: (...args) => one(() => doors.search(...args)),
    rerank: (...args) => one(() => doors.rerank(...args)),
    async *follow(...args) {
      enter();
      try {
        yield* doors.follow(...args);
      } finally {
        leave();
      }
    },
    passage: (...args) => passages.one(() => doors.passage(...args)),
    feedback: (...args) => votes.one(() => doors.feedback(...args)),
    votes: (...args) => votes.one(() => doors.votes(...args)),
    desk: within(doors.desk, desk.one),
  };
}

type One = <T>(work: () => Promise<T>) => Promise<T>;

/** Places for `most` works under way at once. */
function places(most: number, what: string): { enter(): void; leave(): void; one: One } {
  let running = 0;
  const enter = () => {
    if (running >= most) {
      const message = `Busy: ${running} ${what} are under way. Try again in ${RETRY_MS / 1000} s.`;
      throw new WinnowError("Busy", message, { retryAfterMs: RETRY_MS });
    }
    running++;
  };
  const leave = () => {
    running--;
  };
  const one: One = async (work) => {
    enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
  return { enter, leave, one };
}

/** The desk, each of whose functions takes a place. */
function within(desk: Desk, one: One): Desk {
  const works = Object.entries(desk) as [string, (...args: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(
    works.map(([name, work]) => [name, (...args: unknown[]) => one(() => work(...args))]),
  ) as unknown as Desk;
}
