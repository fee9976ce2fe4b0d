import fc from "fast-check";

/** Inputs of each property. */
export const RUNS = 100_000;
/** A single input may take no longer, in milliseconds, on a busy machine. */
export const SLOW_MS = 2_000;

/** Runs a property over all inputs, and fails for one that throws, is slow, or lets memory grow without bound. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, check: (input: T) => void): void {
  const before = process.memoryUsage().rss;
  fc.assert(
    fc.property(arbitrary, (input) => {
      const started = performance.now();
      check(input);
      if (performance.now() - started > SLOW_MS) throw new Error(`took over ${SLOW_MS} ms`);
    }),
    { numRuns: RUNS },
  );
  const grown = process.memoryUsage().rss - before;
  if (grown > 1.5 * 2 ** 30) throw new Error(`memory grew by ${Math.round(grown / 2 ** 20)} MB`);
}

/** Texts of which some are hostile. */
export const oddText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom(
    "",
    " ",
    "__proto__",
    "constructor",
    "../../x",
    "\0",
    "\u001b[2J",
    "\u202e",
    "\ud800",
    "a".repeat(5_000),
  ),
);

/** A JSON value with some part replaced, removed or added. */
export function mutated(sound: Record<string, unknown>): fc.Arbitrary<unknown> {
  const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), oddText, fc.double(), fc.constant(undefined));
  const change = fc.record({ key: fc.oneof(fc.constantFrom(...Object.keys(sound)), oddText), value: odd });
  const changed = fc.array(change, { maxLength: 3 }).map((changes) => {
    const copy: Record<string, unknown> = structuredClone(sound);
    for (const { key, value } of changes)
      Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
    return copy;
  });
  return fc.oneof({ weight: 6, arbitrary: changed }, { weight: 1, arbitrary: odd });
}

/** The text of a value as JSON, whole or with characters removed, doubled or replaced. */
export function damaged(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = value.map((each) => JSON.stringify(each) ?? "");
  const cut = fc
    .tuple(text, fc.nat(), fc.nat({ max: 9 }), oddText)
    .map(
      ([whole, at, length, put]) =>
        whole.slice(0, at % (whole.length + 1)) + put + whole.slice((at % (whole.length + 1)) + length),
    );
  return fc.oneof({ weight: 4, arbitrary: text }, { weight: 2, arbitrary: cut }, { weight: 1, arbitrary: oddText });
}
