import { describe, expect, it } from "vitest";
import { SESSION_SECONDS, sessionOf, sessionToken } from "./session.ts";

const TOKENS = ["the-first-token-here", "the-second-token-here"];

describe("a session", () => {
  it("names the token that signed it until it ends", () => {
    const session = sessionOf(TOKENS[1]!, 1_000_000);
    expect(sessionToken(TOKENS, session, 1_000_000)).toBe(1);
    expect(sessionToken(TOKENS, session, 1_000_000 + SESSION_SECONDS * 1000 - 1)).toBe(1);
    expect(sessionToken(TOKENS, session, 1_000_000 + SESSION_SECONDS * 1000)).toBe(-1);
  });

  it("is void once its token is removed", () => {
    expect(sessionToken([TOKENS[0]!], sessionOf(TOKENS[1]!))).toBe(-1);
  });

  it("is refused in any other form", () => {
    for (const given of ["", ".", TOKENS[0]!, "9999999999.", `9999999999.${"A".repeat(43)}`, "x".repeat(10_000)])
      expect(sessionToken(TOKENS, given)).toBe(-1);
  });
});
