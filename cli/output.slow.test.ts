import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../config/read.ts";

const HOME = mkdtempSync(join(tmpdir(), "winnow-output-"));
const env = { ...process.env, WINNOW_HOME: HOME, NO_COLOR: "1" };
const WINNOW = join(projectRoot, "cli", "winnow.mjs");
const CLI = `${process.execPath} ${WINNOW}`;

/** Runs a line of shell; `code` is that of its first command. */
function shell(line: string) {
  const { stdout, stderr, status } = spawnSync("bash", ["-c", line], { env, encoding: "utf8", cwd: HOME });
  return { stdout, stderr, code: status };
}

/** A command with an output of megabytes, far above a pipe's buffer. */
const large = `${process.execPath} --import ${import.meta.resolve("tsx")} --input-type=module -e '
  import { addPlainCommand } from "${new URL("./action.ts", import.meta.url).href}";
  import { guardOutput } from "${new URL("./output.ts", import.meta.url).href}";
  import { Command } from "${import.meta.resolve("commander")}";
  guardOutput();
  const program = new Command();
  addPlainCommand(program, "large", "", {}, async (io) => {
    for (let i = 0; i < 50; i++) {
      io.result({ i }, () => "line of text\\n".repeat(10_000));
      await new Promise((settle) => setTimeout(settle, 5));
    }
    io.log("all printed");
  });
  await program.parseAsync(["", "", "large"]);'`;

describe("a reader that leaves", () => {
  test("ends the command quietly, with exit code 0, and stops its further work", () => {
    const { stdout, stderr, code } = shell(`${large} | head -c 10; exit \${PIPESTATUS[0]}`);
    expect({ stdout, stderr, code }).toEqual({ stdout: "line of te", stderr: "", code: 0 });
  });

  test.each([`${CLI} schema pipeline`, `${CLI} --help`, `${CLI} config`, `${CLI} config --json`])("%s", (command) => {
    const { stderr, code } = shell(`${command} | true; exit \${PIPESTATUS[0]}`);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  });

  test("of stderr changes nothing", () => {
    const { stdout, code } = shell(`{ ${CLI} nonsense 2>&1 >&3 | true; exit \${PIPESTATUS[0]}; } 3>&1`);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(shell(`${CLI} schema pipeline 2>&- | head -c 1; exit \${PIPESTATUS[0]}`)).toMatchObject({
      stdout: "{",
      code: 0,
    });
  });
});

describe.skipIf(!existsSync("/dev/full"))("a full disk", () => {
  test.each([large, `${CLI} schema pipeline`, `${CLI} --help`, `${CLI} config --json`])(
    "is one line and exit code 1: %#",
    (command) => {
      const { stderr, code } = shell(`${command} > /dev/full`);
      expect({ stderr, code }).toEqual({
        stderr: "winnow: the output could not be written: no space is left where it goes\n",
        code: 1,
      });
    },
  );

  test("of stderr does not change the outcome", () => {
    expect(shell(`${CLI} schema pipeline 2> /dev/full`)).toMatchObject({ code: 0 });
    expect(shell(`${CLI} nonsense 2> /dev/full`)).toMatchObject({ code: 2 });
    expect(shell(`${CLI} nonsense > /dev/full 2> /dev/full`)).toMatchObject({ code: 2 });
  });
});

test("a closed stdout is one line and exit code 1 or quiet, never a stack trace", () => {
  const { stderr } = shell(`${CLI} schema pipeline >&-`);
  expect(stderr.split("\n").length).toBeLessThanOrEqual(2);
  expect(stderr).not.toContain("    at ");
});

test("control characters of arguments do not reach the terminal by an error message", () => {
  const hostile = "x\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u009b31m\u202egnp";
  for (const args of [
    [hostile],
    ["search", `--${hostile}`],
    ["search", "a", "--k", hostile],
    ["config", hostile],
    ["releases", hostile],
  ]) {
    const { stderr, stdout, status } = spawnSync(process.execPath, [WINNOW, ...args], {
      env,
      encoding: "utf8",
      cwd: HOME,
    });
    expect(status).toBe(2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may remain
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
});

test("a reader that never reads holds the command, and does not grow its memory", async () => {
  const child = spawn("bash", ["-c", `${large} | sleep 3`], { env });
  const code = await new Promise((settle) => child.once("close", settle));
  expect(code).toBe(0);
});
