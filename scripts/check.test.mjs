import { describe, expect, it } from "vitest";
import { problemsOf } from "./check.mjs";
import { missingRooms, rooms } from "./rooms.mjs";

describe("rules on sources", () => {
  it("lets only config/ read the environment", () => {
    const reads = "export const home = process.env.WINNOW_HOME;\n";
    expect(problemsOf("core/stages/work/ingest.ts", reads)).toEqual([
      expect.stringMatching(/reads process\.env; only/),
    ]);
    expect(problemsOf("web/server.ts", "const { env, argv } = process;\n")).toHaveLength(1);
    expect(problemsOf("config/workerConfig.ts", reads)).toEqual([]);
    expect(problemsOf("workers/config.ts", reads)).toHaveLength(1);
    expect(problemsOf("core/stages/work/ingest.test.ts", reads)).toEqual([]);
  });

  it("lets only one file import each native package, in any form", () => {
    for (const text of [
      'import "faiss-node";',
      'const f = await import("faiss-node");',
      'import x from "faiss-node";',
    ]) {
      expect(problemsOf("core/serving/engine.ts", text)).toEqual([expect.stringMatching(/imports faiss-node/)]);
      expect(problemsOf("core/retrieval/engines/faiss.ts", text)).toEqual([]);
    }
  });

  it("keeps terminal, arguments, signals and process exit out of the client", () => {
    for (const text of [
      'console.log("done");',
      "process.stderr.write(line);",
      "process.exitCode = 1;",
      'process.once("SIGINT", stop);',
      "const { argv } = process;",
      'import { stdout } from "node:process";',
    ]) {
      expect(problemsOf("client/ask.ts", text), text).toEqual([expect.stringMatching(/only a front door may/)]);
      expect(problemsOf("cli/commands/ask.ts", text)).toEqual([]);
    }
    expect(problemsOf("client/processes.ts", 'process.kill(pid, 0); child.once("exit", settle);')).toEqual([]);
    expect(problemsOf("client/ask.test.ts", "console.log(1);")).toEqual([]);
  });

  it("lets one reader alone read what an input names", () => {
    for (const text of [
      'import { readFile } from "node:fs/promises";',
      'import { existsSync, readFileSync } from "node:fs";',
      'import {\n  readdir,\n  stat,\n} from "fs/promises";',
    ]) {
      expect(problemsOf("core/judging/newSet.ts", text), text).toEqual([expect.stringMatching(/reads files itself/)]);
      expect(problemsOf("activities/light.ts", text)).toHaveLength(1);
      expect(problemsOf("core/judging/newSet.test.ts", text)).toEqual([]);
      expect(problemsOf("core/storage/store.ts", text)).toEqual([]);
    }
    expect(problemsOf("core/docs/source.ts", 'import { existsSync } from "node:fs";')).toEqual([]);
  });

  it("limits files to 300 lines, tests too", () => {
    expect(problemsOf("core/a.test.ts", "x\n".repeat(300))).toEqual([]);
    expect(problemsOf("core/a.test.ts", "x\n".repeat(301))).toEqual([expect.stringMatching(/301 lines/)]);
  });
});

describe("lists of the rooms", () => {
  it("name every folder of the product, and what they lack is named", () => {
    expect(rooms).toContain("cli");
    expect(missingRooms()).toEqual([]);
    expect(missingRooms(undefined, ["page"])).toEqual([
      "tsconfig.json: lacks the room page",
      ".dockerignore: lacks the room page",
      "docker/Dockerfile: lacks the room page",
    ]);
  });
});
