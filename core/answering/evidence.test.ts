import { expect, it } from "vitest";
import { cleanWords } from "../judging/cleanText.ts";
import { evidenceSpans } from "./evidence.ts";

const PASSAGE = `Some words come first, and they are about something else.
This command rolls back a release
to a previous revision. Run it so:

\`\`\`
$ helm rollback happy-panda 1
\`\`\`

Done.`;

it("puts the span with most of the question's words first", () => {
  expect(evidenceSpans("roll back a release to an earlier revision", PASSAGE)[0]).toBe(
    "This command rolls back a release to a previous revision.",
  );
});

it("every span is one of the passage with its white space collapsed, and long enough to be told from others", () => {
  const whole = PASSAGE.replace(/\s+/g, " ");
  for (const span of evidenceSpans("rollback", PASSAGE)) {
    expect(whole).toContain(span);
    expect(cleanWords(span).length).toBeGreaterThanOrEqual(6);
  }
});

it("cuts long text, and takes a passage without any sentence whole", () => {
  expect(cleanWords(evidenceSpans("q", `${"word ".repeat(200)}.`)[0]!)).toHaveLength(60);
  expect(evidenceSpans("q", "tiny")).toEqual(["tiny"]);
});
