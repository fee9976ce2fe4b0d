import { expect, test } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { duplicateGroups } from "./duplicateGroups.ts";

const random = seededRandom(3);
const word = () => `w${Math.floor(random() * 5000)}`;
const prose = (words: number) => Array.from({ length: words }, word).join(" ");
const edited = (text: string, every: number) =>
  text
    .split(" ")
    .map((each, at) => (at % every === every - 1 ? word() : each))
    .join(" ");

test("finds copies and lightly edited copies, the largest group first, and nothing else", async () => {
  const [notice, guide] = [prose(60), prose(80)];
  const texts = [prose(50), notice, guide, prose(50), notice, edited(guide, 40), notice, edited(guide, 4), prose(50)];
  const groups = await duplicateGroups(texts);
  expect(groups.map(({ positions }) => positions)).toEqual([
    [1, 4, 6],
    [2, 5],
  ]);
  expect(groups[0]!.overlap).toBe(1);
  expect(groups[1]!.overlap).toBeGreaterThan(0.5);
  expect(groups[1]!.overlap).toBeLessThan(1);
});

test("short passages are no duplicates, and no passages have none", async () => {
  expect(await duplicateGroups(["see also", "see also", ""])).toEqual([]);
  expect(await duplicateGroups([])).toEqual([]);
});

test("a notice on every page is one group", async () => {
  const notice = prose(40);
  const [group, ...rest] = await duplicateGroups(Array.from({ length: 500 }, () => notice));
  expect(group!.positions).toHaveLength(500);
  expect(rest).toEqual([]);
});
