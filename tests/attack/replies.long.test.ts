import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLlm, readReply } from "../../core/llm/llm.ts";
import { ScriptedLlm } from "../../core/llm/testing/scriptedLlm.ts";
import { expectNoGrowth, TRIALS } from "./trials.ts";

const NAMED = new Set(["LlmUnavailable", "LlmRefused"]);
const server = new ScriptedLlm();
let baseUrl = "";
beforeAll(async () => {
  baseUrl = await server.listen();
});
afterAll(() => server.end());

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(fc.constantFrom("<think>", "</think>", "NOT_IN_DOCS", " ", "\u001b[2J", "\u202e", "[1]", "a.", "\n"), {
      maxLength: 30,
    })
    .map((parts) => parts.join("")),
);
const json = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
const message = fc.oneof(
  json,
  fc.record({ role: json, content: fc.oneof(text, json), refusal: json }, { requiredKeys: [] }),
);
const choice = fc.oneof(
  json,
  fc.record(
    { message, finish_reason: fc.oneof(fc.constantFrom("stop", "length", "content_filter"), json) },
    { requiredKeys: [] },
  ),
);
const completion = fc.oneof(
  json,
  fc.record({ choices: fc.oneof(fc.array(choice, { maxLength: 3 }), json), error: json }, { requiredKeys: [] }),
);

test(`${TRIALS} documents of an endpoint are a reply or a named error`, () => {
  expectNoGrowth(() =>
    fc.assert(
      fc.property(completion, (document) => {
        try {
          const reply = readReply(document);
          expect(reply.text.trim()).toBe(reply.text);
          expect(reply.text).not.toBe("");
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may remain
          expect(reply.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        } catch (error) {
          if (!NAMED.has((error as Error).name)) throw error;
        }
      }),
      { numRuns: TRIALS },
    ),
  );
});

test("thousands of bodies and statuses over HTTP are a reply or a named error", async () => {
  const llm = openLlm({ baseUrl, model: "m", timeoutMs: 20_000 });
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    completion.map((document) => Buffer.from(JSON.stringify(document))),
    fc.tuple(completion, fc.nat(), fc.nat(255)).map(([document, at, byte]) => {
      const bytes = Buffer.from(JSON.stringify(document));
      if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    }),
  );
  const type = fc.constantFrom(
    "application/json",
    "text/html",
    "application/problem+json",
    "",
    "application/json; charset=utf-16",
  );
  await fc.assert(
    fc.asyncProperty(
      body,
      fc.constantFrom(200, 200, 200, 201, 400, 429, 500, 503),
      type,
      async (bytes, status, contentType) => {
        server.play((reply) => {
          reply.writeHead(status, { "content-type": contentType });
          reply.end(bytes);
        });
        try {
          await llm.complete([{ role: "user", content: "q" }]);
        } catch (error) {
          if (!NAMED.has((error as Error).name)) throw error;
        }
      },
    ),
    { numRuns: TRIALS / 20 },
  );
});
