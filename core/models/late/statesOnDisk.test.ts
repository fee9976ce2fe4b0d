import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStates } from "./openStates.ts";
import { HEADER_BYTES } from "./stateRecord.ts";
import { StatesOnDisk } from "./statesOnDisk.ts";

const BYTES = 40;
const LIMIT = 2 ** 20;
const temporary = () => mkdtempSync(join(tmpdir(), "winnow-states-"));
const layers = (name: string) => name.repeat(64).slice(0, 64);
const text = (number: number) => `${number}`.padStart(64, "0");
const states = (number: number) => new Uint8Array(BYTES).fill(number);
const segmentsIn = (folder: string, of = layers("a")) =>
  readdirSync(join(folder, of)).map((name) => join(folder, of, name));

describe("states on disk", () => {
  it("are found by the process that wrote them and by others, also while both write", () => {
    const folder = temporary();
    const [first, second] = [new StatesOnDisk(folder, LIMIT), new StatesOnDisk(folder, LIMIT)];
    first.keep(layers("a"), text(1), states(1));
    expect(first.find(layers("a"), text(1), BYTES)).toEqual(states(1));
    expect(second.find(layers("a"), text(1), BYTES)).toEqual(states(1));
    second.keep(layers("a"), text(2), states(2));
    first.keep(layers("a"), text(3), states(3));
    const third = new StatesOnDisk(folder, LIMIT);
    for (const number of [1, 2, 3]) expect(third.find(layers("a"), text(number), BYTES)).toEqual(states(number));
    expect(segmentsIn(folder)).toHaveLength(1);
    expect(third.find(layers("b"), text(1), BYTES)).toBeNull();
    expect(third.find(layers("a"), text(1), BYTES + 1)).toBeNull();
  });

  it("are not used if damaged, which is said once, and are written again", () => {
    const folder = temporary();
    const writer = new StatesOnDisk(folder, LIMIT);
    for (const number of [1, 2, 3]) writer.keep(layers("a"), text(number), states(number));
    const [segment] = segmentsIn(folder);
    const bytes = readFileSync(segment!);
    for (const record of [0, 1]) bytes[record * (HEADER_BYTES + BYTES) + HEADER_BYTES + 5]! ^= 1;
    writeFileSync(segment!, bytes);
    const warnings: string[] = [];
    const reader = new StatesOnDisk(folder, LIMIT, (warning) => warnings.push(warning));
    expect([1, 2, 3].map((number) => reader.find(layers("a"), text(number), BYTES))).toEqual([null, null, states(3)]);
    expect(warnings).toEqual([`Passage states in ${segment} are damaged. They are computed again.`]);
    reader.keep(layers("a"), text(1), states(1));
    expect(reader.find(layers("a"), text(1), BYTES)).toEqual(states(1));
  });

  it("of other layers or another text are not taken for these", () => {
    const folder = temporary();
    const writer = new StatesOnDisk(folder, LIMIT);
    writer.keep(layers("a"), text(1), states(1));
    writer.keep(layers("b"), text(2), states(2));
    const [a, b] = [segmentsIn(folder, layers("a"))[0]!, segmentsIn(folder, layers("b"))[0]!];
    writeFileSync(b, readFileSync(a));
    expect(new StatesOnDisk(folder, LIMIT).find(layers("b"), text(1), BYTES)).toBeNull();
  });

  it("that a killed process wrote in part, or that are no states, cost nothing but their own computation", () => {
    const folder = temporary();
    const writer = new StatesOnDisk(folder, LIMIT);
    for (const number of [1, 2]) writer.keep(layers("a"), text(number), states(number));
    const [segment] = segmentsIn(folder);
    truncateSync(segment!, statSync(segment!).size - 3);
    writeFileSync(join(folder, layers("a"), "other.states"), Buffer.alloc(500, 7));
    const reader = new StatesOnDisk(folder, LIMIT);
    expect([1, 2].map((number) => reader.find(layers("a"), text(number), BYTES))).toEqual([states(1), null]);
  });

  it("stay within their limit: the segments used longest ago are removed", () => {
    const folder = temporary();
    const limit = 8 * (HEADER_BYTES + BYTES);
    const kept = new StatesOnDisk(folder, limit);
    for (let number = 1; number <= 4; number++) {
      kept.keep(layers(`${number}`), text(number), states(number));
      const [segment] = segmentsIn(folder, layers(`${number}`));
      utimesSync(segment!, 1000 + number, 1000 + number);
    }
    expect(new StatesOnDisk(folder, limit).find(layers("1"), text(1), BYTES)).toEqual(states(1));
    for (let number = 5; number <= 20; number++)
      new StatesOnDisk(folder, limit).keep(layers("5"), text(number), states(number));
    const size = readdirSync(folder)
      .flatMap((name) => segmentsIn(folder, name))
      .reduce((sum, path) => sum + statSync(path).size, 0);
    expect(size).toBeLessThanOrEqual(limit);
    expect(segmentsIn(folder, layers("2"))).toEqual([]);
  });

  it("in a folder that cannot be written, nothing is kept", () => {
    const file = join(temporary(), "file");
    writeFileSync(file, "");
    const kept = new StatesOnDisk(file, LIMIT);
    kept.keep(layers("a"), text(1), states(1));
    expect(kept.find(layers("a"), text(1), BYTES)).toBeNull();
  });
});

it("states evicted from memory are read from disk", () => {
  const folder = temporary();
  const states1 = states(1);
  const kept = openStates({ compute: { stateLimits: { memoryBytes: BYTES, disk: { folder, bytes: LIMIT } } } });
  kept.keep(layers("a"), text(1), states1);
  kept.keep(layers("a"), text(2), states(2));
  expect(kept.find(layers("a"), text(1), BYTES)).toEqual(states1);
  expect(openStates({ compute: {} }).find(layers("a"), text(1), BYTES)).toBeNull();
});
