import { expect, it } from "vitest";
import { parsePicks } from "./picks.ts";

it.each([
  ["3", { kind: "picks", picks: [{ hit: 3, grade: 2 }] }],
  [
    "3, 5h",
    {
      kind: "picks",
      picks: [
        { hit: 3, grade: 2 },
        { hit: 5, grade: 1 },
      ],
    },
  ],
  ["N", { kind: "none", offTopic: false }],
  ["o", { kind: "none", offTopic: true }],
  ["v 10", { kind: "view", hit: 10 }],
  ["v2", { kind: "view", hit: 2 }],
  ["/helm template ", { kind: "search", text: "helm template" }],
  ["s", { kind: "skip" }],
  ["q", { kind: "end" }],
])("reads %j", (text, reply) => {
  expect(parsePicks(text, 10)).toEqual(reply);
});

it.each(["", "0", "11", "v 11", "1 x", "5h", "2 2", "n 1", "/", "-1", "1.5", "99999999999999999999"])(
  "says what is wrong with %j",
  (text) => {
    expect(parsePicks(text, 10)).toMatchObject({ kind: "problem", problem: expect.stringMatching(/\w/) });
  },
);
