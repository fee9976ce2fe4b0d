import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { stringify } from "yaml";
import { processorMs } from "../../../tests/processorTime.ts";
import { bounded } from "../bounded.ts";
import { readPage } from "../pages.ts";
import { claims } from "./index.ts";
import { readTree } from "./testing/sampleTree.ts";

function read(text: string, path = "api.json") {
  const made = bounded(() => readTree({ files: [{ path, bytes: Buffer.from(text) }], generator: null }));
  if ("reason" in made) throw new Error(made.reason);
  const [refused] = made.made.reasons;
  if (refused) throw new Error(refused.reason);
  const { passages, sections } = made.made.pages[0]!;
  const shown = passages.flatMap(({ heading, text: told }) => [...heading, told]).join("\n");
  return { passages, sections, shown };
}

const apiOf = (paths: object, rest: object = {}) => ({
  openapi: "3.1.0",
  info: { title: "Pets", version: "1" },
  paths,
  ...rest,
});
const readApi = (paths: object, rest: object = {}) => read(JSON.stringify(apiOf(paths, rest)));

/** Schemas, parameters and operations with a text of their own at every place where one may stand. */
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.record({ type: fc.constantFrom("string", "integer"), description: fc.constant("TEXT") }),
    fc.record({ $ref: fc.constantFrom("#/components/schemas/A", "#/components/schemas/B", "other.json#/C") }),
    fc.record({ description: fc.constant("TEXT"), items: tie("schema") }),
    fc.record({ allOf: fc.array(tie("schema"), { maxLength: 2 }), description: fc.constant("TEXT") }),
    fc.record({ additionalProperties: tie("schema"), title: fc.constant("TEXT") }),
    fc.record({
      description: fc.constant("TEXT"),
      properties: fc.dictionary(fc.constantFrom("a", "__proto__", "constructor", "$ref/x"), tie("schema"), {
        maxKeys: 3,
      }),
    }),
  ),
}));
const parameter = fc.record({
  name: fc.constantFrom("id", "toString"),
  in: fc.constantFrom("query", "path"),
  description: fc.constant("TEXT"),
  schema,
});
const body = fc.record({
  description: fc.constant("TEXT"),
  content: fc.record({
    "application/json": fc.record({ schema, examples: fc.constant({ one: { summary: "TEXT", description: "TEXT" } }) }),
  }),
});
/** Texts of a short definition stand where it is used, on the lines of the references to it. */
const asShared = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('"TEXT"', '"SHARED"'));
const operation = fc.record({
  summary: fc.constant("TEXT"),
  description: fc.constant("TEXT"),
  tags: fc.constantFrom([], ["pets"], ["pets", "b"]),
  parameters: fc.uniqueArray(parameter, { maxLength: 2, selector: ({ name }) => name }),
  requestBody: fc.oneof(body, fc.constant({ $ref: "#/components/requestBodies/R" })),
  responses: fc.record({ 200: body, default: body }),
});
const document = fc
  .record({
    paths: fc.record({ "/a": fc.record({ get: operation, post: operation }), "/b": fc.record({ put: operation }) }),
    components: fc.record({
      schemas: fc.record({ A: schema, B: schema }),
      requestBodies: fc.record({ R: body.map(asShared) }),
      parameters: fc.record({ unused: parameter }),
    }),
    tags: fc.constant([{ name: "pets", description: "TEXT" }]),
  })
  .map(({ paths, ...rest }) => {
    let texts = 0;
    const named = (_: string, shared?: string) => `"A ${shared ? "shared" : "told"}${texts++}x thing."`;
    return JSON.parse(JSON.stringify(apiOf(paths, rest)).replace(/"(?:TEXT|(SHARED))"/g, named));
  });

describe("a description", () => {
  it("shows each of its descriptions, summaries and titles on their line, in JSON and YAML", () => {
    fc.assert(
      fc.property(document, fc.constantFrom(0, 1, 2), (api, form) => {
        const text =
          form === 0 ? stringify(api, { aliasDuplicateObjects: false }) : JSON.stringify(api, null, form - 1);
        const { passages, shown } = read(text, form === 0 ? "api.yaml" : "api.json");
        for (const [at, line] of text.split("\n").entries())
          for (const [word] of line.matchAll(/(?:told|shared)\d+x/g)) {
            expect(shown, `${word} of ${text}`).toContain(word);
            if (word.startsWith("shared")) continue;
            const holders = passages.filter((one) => one.text.includes(word));
            const isPlaced = holders.some(({ lines: [first, last] }) => first <= at + 1 && at + 1 <= last);
            expect(isPlaced || (holders.length === 0 && shown.includes(word)), `${word} of ${text}`).toBe(true);
          }
      }),
      { numRuns: 40 },
    );
  });

  it("shows an operation's parameters with type, limits and default, and the fields of what it takes and returns", () => {
    const limit = { type: "integer", minimum: 1, maximum: 100, default: 20 };
    const { shown } = readApi(
      {
        "/pets": {
          get: {
            parameters: [
              { name: "limit", in: "query", required: true, description: "How many.", schema: limit },
              { $ref: "#/components/parameters/sort" },
            ],
            responses: {
              200: {
                description: "Pets",
                content: { "application/json": { schema: { $ref: "#/components/schemas/Pets" } } },
              },
            },
          },
        },
      },
      {
        components: {
          parameters: { sort: { name: "sort", in: "query", schema: { enum: ["name", "age"], type: "string" } } },
          schemas: {
            Pets: { type: "array", items: { $ref: "#/components/schemas/Pet" } },
            Pet: {
              required: ["id"],
              properties: { id: { type: "string", format: "uuid" }, parent: { $ref: "#/components/schemas/Pet" } },
            },
          },
        },
      },
    );
    expect(shown).toContain("limit | query | integer; default: 20; minimum: 1; maximum: 100 | required | How many.");
    expect(shown).toContain("sort | query | string; one of: name, age");
    expect(shown).toContain("application/json: Pets");
    expect(shown).toContain("Fields: id (string (uuid), required), parent (Pet)");
  });

  it("repeats a long text of a shared definition nowhere", () => {
    const words = Array.from({ length: 90 }, (_, i) => `w${i}`).join(" ");
    const operations = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        `/${i}`,
        { get: { parameters: [{ $ref: "#/components/parameters/p" }], responses: {} } },
      ]),
    );
    const { shown } = readApi(operations, {
      components: { parameters: { p: { name: "p", in: "query", description: `In short. ${words}` } } },
    });
    expect(shown.match(/In short\./g)).toHaveLength(10);
    expect(shown.match(/\bw89\b/g)).toHaveLength(1);
  });
});

describe("which files are descriptions", () => {
  const says = (text: string, path: string) => claims(path, Buffer.from(text));
  it.each([
    ['{"openapi":"3.0.1"', true],
    ['\ufeff{ "swagger": "2.0" }', true],
    ['{"info":{"x":[{}]},"x-a":1,"openapi":"3.1.0"}', true],
    ['{"definitions":{"a":{"type"', null],
    ['{"name":"x","dependencies":{"openapi":"3.1.0"}}', false],
    ['{"info":{"swagger":"2.0"},"item":[]}', false],
    ['{"swagger":"1.2"}', false],
    ["[1]", false],
  ])("%s in JSON: %s", (text, expected) => {
    expect(says(text, "a.json")).toBe(expected);
  });
  it.each([
    ["# A comment\n---\nopenapi: 3.0.3\n", true],
    ["components:\n  a: {}\nopenapi: '3.1.0'\n", true],
    ["swagger: 2.0", true],
    ["apiVersion: v1\nopenapi: 3.0.0\n", false],
    ["info:\n  openapi: 3.0.0\n", null],
    ["- openapi: 3.0.0\n", false],
  ])("%j in YAML: %s", (text, expected) => {
    expect(says(text, "a.yml")).toBe(expected);
  });
});

test.each([
  ["api.json", '{"openapi":"3.0.0",\n"info":{\n"title" "x"}}', "is not valid JSON: line 3 is broken"],
  ["api.json", '{"openapi":"3.0.0","paths":{', "is not valid JSON: it breaks off"],
  ["api.yaml", "openapi: 3.0.0\ninfo:\n  title: [a\n", "is not valid YAML: line"],
  ["api.yaml", "openapi: 3.0.0\ninfo: *none\n", "line 2: the alias *none has no anchor above it"],
  ["api.yaml", "openapi: 3.0.0\ninfo: &a\n  b: *a\n", "line 3: the alias *a stands in its own value"],
  ["api.json", "x".repeat(21_000_000), "larger than 20 MB"],
])("a broken %s is refused with the line", (path, text, reason) => {
  expect(readPage({ path, bytes: Buffer.from(text) })).toMatchObject({ reason: expect.stringContaining(reason) });
});

describe("a hostile description", () => {
  const refusal = (text: string) => {
    const made = bounded(() => readPage({ path: "a.yaml", bytes: Buffer.from(text) }));
    return "reason" in made ? made.reason : made.made && "reason" in made.made ? made.made.reason : "";
  };

  it("is refused if aliases make it grow, or if it nests too deeply", () => {
    const level = (i: number) =>
      `x-${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(",")}]`;
    const bomb = `openapi: 3.0.0\nx-0: &a0 text\n${Array.from({ length: 12 }, (_, i) => level(i + 1)).join("\n")}\n`;
    expect(refusal(bomb)).toContain("grows over");
    expect(refusal(`openapi: 3.0.0\ninfo: ${"[".repeat(3_000)}`)).toContain("nested deeper");
    expect(refusal(`openapi: 3.0.0\ninfo:\n${"- ".repeat(3_000)}x`)).toContain("nested deeper");
    expect(refusal(`{"openapi":"3.0.0","info":${"[".repeat(200_000)}`)).toContain("nested deeper");
  });

  it("is read in bounded time and text if references go in circles or multiply", () => {
    const many = Array.from({ length: 200 }, (_, i) => [
      `s${i}`,
      { allOf: Array(9).fill({ $ref: `#/components/schemas/s${(i + 1) % 200}` }) },
    ]);
    const long = { name: "p", in: "query", description: `${"long ".repeat(20_000)}.` };
    const parameters = Array(3_000).fill({ $ref: "#/components/parameters/p" });
    const loop = { $ref: "#/components/parameters/loop" };
    const schema = { $ref: "#/components/schemas/s0" };
    const text = JSON.stringify(
      apiOf(
        {
          "/a": { get: { parameters: [...parameters, loop], responses: { 200: { content: { "a/b": { schema } } } } } },
        },
        { components: { schemas: Object.fromEntries(many), parameters: { p: long, loop } } },
      ),
    );
    let shown = "";
    expect(processorMs(() => (shown = read(text).shown))).toBeLessThan(5_000);
    expect(shown.length).toBeLessThan(text.length * 10);
  });

  it("has no power over objects by its names", () => {
    const properties = JSON.parse('{"__proto__":{"description":"A told thing."},"constructor":{"type":"string"}}');
    const { shown } = readApi(
      {},
      { components: { schemas: { A: { properties }, toString: { example: properties } } } },
    );
    expect(shown).toContain("__proto__ |  |  | A told thing.");
    expect(shown).toContain("constructor | string");
    expect(({} as { description?: string }).description).toBeUndefined();
  });
});

test("shared path items and callbacks that nothing refers to are shown under their names", () => {
  const operation = (told: string) => ({ summary: told, responses: { 200: { description: `${told} well` } } });
  const { shown } = readApi(
    { "/a": { $ref: "#/components/pathItems/Used" } },
    {
      components: {
        pathItems: { Used: { get: operation("Once") }, Unused: { put: operation("Alone") } },
        callbacks: { onDone: { "{$request.body#/url}": { post: operation("Told when done") } } },
      },
    },
  );
  expect(shown).toContain("Path item PUT Unused: Alone\nResponse 200: Alone well");
  expect(shown).toContain("Callback onDone: POST {$request.body#/url}: Told when done\n");
  expect(shown).toContain("Response 200: Told when done well");
  expect(shown.match(/Once well/g)).toHaveLength(1);
});

test("a reference that leads out of the file stays its text, and a callback's operation is shown", () => {
  const { shown } = readApi({
    "/a": {
      post: {
        parameters: [{ $ref: "params.json#/limit" }],
        responses: { 200: { $ref: "https://other.example/r.json" } },
        callbacks: { done: { "{$request.body#/url}": { post: { summary: "Told when done", responses: {} } } } },
      },
    },
  });
  expect(shown).toContain("params.json#/limit");
  expect(shown).toContain("Response 200: https://other.example/r.json");
  expect(shown).toContain("Callback done: POST {$request.body#/url}: Told when done");
});

test("a shared example of several lines stands on the line of the reference to it", () => {
  const content = { "application/xml": { examples: { one: { $ref: "#/components/examples/One" } } } };
  const paths = { "/a": { get: { responses: { 200: { description: "Done", content } } } } };
  const source = stringify(apiOf(paths, { components: { examples: { One: { value: "<a>\n  first\n</a>\n" } } } }));
  const line = source.split("\n").findIndex((text) => text.trim() === "one:") + 1;
  const units = read(source, "api.yaml").sections.flatMap((section) => section.units);
  expect(units.find(({ kind }) => kind === "code")).toMatchObject({
    text: "```xml\n<a>\n  first\n</a>\n```",
    lines: [line, line],
  });
});
