import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("a log line holds no raw control character, and parses to the text that was logged", () => {
  const text = "docs\u001b[2J\u009b31m\u202egnp\u007f\nnext";
  const source = `import { createLogger } from ${JSON.stringify(new URL("./logger.ts", import.meta.url).href)};
    createLogger("info").info({ page: ${JSON.stringify(text)} }, ${JSON.stringify(text)});`;
  const run = ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", source];
  const { stderr } = spawnSync(process.execPath, run, { encoding: "utf8" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may remain
  expect(stderr.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(JSON.parse(stderr)).toMatchObject({ msg: text, page: text });
});
