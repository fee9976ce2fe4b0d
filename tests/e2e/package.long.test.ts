import { execFile, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchResult } from "../../contracts/passage.ts";
import { PACKED_RECIPES, readCodeVersions } from "../../core/stages/index.ts";
import { root } from "./command.ts";

const MINUTE = 60_000;
const MB = 2 ** 20;
const run = promisify(execFile);

describe("the package", () => {
  const folder = mkdtempSync(join(tmpdir(), "winnow-package-"));
  const installed = join(folder, "prefix", "lib", "node_modules", "winnow");
  const command = join(folder, "prefix", "bin", "winnow");
  /** No setting and no folder of the person who runs the tests, but the cache, which spares the build of a server. */
  const env = {
    PATH: process.env.PATH,
    HOME: join(folder, "user"),
    WINNOW_HOME: join(folder, "home"),
    WINNOW_CACHE: process.env.WINNOW_CACHE,
    TEMPORAL_CONFIG_FILE: "",
  };
  const winnow = (...args: string[]) => run(command, args, { cwd: folder, env, maxBuffer: 64 * MB });

  beforeAll(async () => {
    mkdirSync(env.HOME);
    const pack = { cwd: root, encoding: "utf8" as const };
    const archive = execFileSync("npm", ["run", "-s", "pack"], pack).trim().split(":")[0]!;
    const where = ["--prefix", join(folder, "prefix"), "--cache", join(folder, "npm")];
    await run("npm", ["install", "-g", "--ignore-scripts", ...where, join(root, archive)], { cwd: folder });
  }, 20 * MINUTE);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is a command of compiled modules, with the version and commit that it was packed from", async () => {
    const { stdout } = await winnow("--version");
    const { version, commit } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    expect(stdout).toBe(`winnow ${version} (${commit})\n`);
    const clone = execFileSync("git", ["rev-parse", "--short=7", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
    expect(commit).toContain(clone);
    expect(existsSync(join(installed, "node_modules", "tsx"))).toBe(false);
    const names = readdirSync(join(installed, "core"), { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))).toEqual([]);
  });

  it("prints help in less than 300 ms of processor time", async () => {
    const measured = `import { cpuUsage } from "node:process";
      process.on("exit", () => process.stderr.write(String(cpuUsage().user + cpuUsage().system)));
      process.argv = [process.argv[0], "winnow", "--help"];
      await import(${JSON.stringify(join(installed, "cli", "winnow.mjs"))});`;
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", measured], { env });
    expect(stdout).toContain("Usage: winnow");
    expect(Number(stderr) / 1000).toBeLessThan(300);
  });

  it(
    "sets up, twice with the same end, and keeps less than 500 MB of packages",
    async () => {
      const first = await winnow("setup");
      expect(first.stderr).toContain("✔ Model weights");
      expect(first.stderr).toMatch(/\d+ MB removed that \w+ never loads/);
      const again = await winnow("setup");
      expect(again.stderr).not.toContain("removed");
      const [kilobytes = ""] = execFileSync("du", ["-sk", installed], { encoding: "utf8" }).split("\t");
      expect(Number(kilobytes)).toBeLessThan(500 * 1024);
    },
    MINUTE,
  );

  it(
    "builds a release of the sample docs, and searches it",
    async () => {
      const { stdout } = await winnow("up", "--once");
      expect(stdout).toContain("How do I create a Kubernetes Job?");
      const found: SearchResult = JSON.parse((await winnow("search", "pod stuck in Pending", "--json")).stdout);
      expect(found.passages).toHaveLength(30);
      expect(found).toMatchObject({ abstain: false });
    },
    20 * MINUTE,
  );

  it(
    "serves docs until Ctrl-C, answers from them, and leaves no process",
    async () => {
      const page = join(folder, "boiler.md");
      writeFileSync(page, "# Boiler\n\n## Restart\n\nTo restart the boiler, turn the red lever to the left.\n");
      // A home of its own: the tests below read the release of the sample as the one promoted last.
      const own = { ...env, WINNOW_HOME: join(folder, "boiler-home") };
      const up = spawn(command, ["up", "--docs", page, "--name", "boiler"], { cwd: folder, env: own });
      let told = "";
      up.stderr.setEncoding("utf8").on("data", (text: string) => {
        told += text;
      });
      up.stdout.resume();
      const ended = new Promise((settle) => up.once("close", settle));
      try {
        const serves = expect
          .poll(() => told, { timeout: 10 * MINUTE, interval: 500 })
          .toContain("Serving. Ctrl-C stops");
        await Promise.race([serves, ended.then((code) => expect.fail(`up ended (${code}): ${told}`))]);
        const asking = ["ask", "how do I restart the boiler?", "--corpus", "boiler"];
        const { stdout } = await run(command, asking, { cwd: folder, env: own });
        expect(stdout).toContain("turn the red lever to the left");
      } finally {
        up.kill("SIGINT");
      }
      expect(await ended).toBe(0);
      const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n");
      expect(processes.filter((line) => line.includes(own.WINNOW_HOME))).toEqual([]);
    },
    20 * MINUTE,
  );

  it("has the recipes of the clone, so that both use each other's results", async () => {
    const packed = JSON.parse(readFileSync(join(installed, PACKED_RECIPES), "utf8"));
    expect(packed).toEqual(await readCodeVersions(root));
  });

  it(
    "types what programs import",
    async () => {
      const consumer = join(folder, "consumer");
      mkdirSync(join(consumer, "node_modules"), { recursive: true });
      symlinkSync(installed, join(consumer, "node_modules", "winnow"));
      symlinkSync(join(root, "node_modules", "@types"), join(consumer, "node_modules", "@types"));
      writeFileSync(join(consumer, "package.json"), '{"type": "module"}');
      const guide = readFileSync(join(root, "docs", "guide", "library.md"), "utf8");
      const examples = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
      for (const [at, code] of examples.entries()) writeFileSync(join(consumer, `example${at}.ts`), code);
      const compilerOptions = { target: "es2022", module: "nodenext", strict: true, noEmit: true, types: ["node"] };
      writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      const compile = run(process.execPath, [tsc, "-p", consumer]);
      await expect(compile.catch(({ stdout }) => Promise.reject(stdout))).resolves.toMatchObject({ stdout: "" });
      writeFileSync(
        join(consumer, "wrong.ts"),
        'import { openRelease } from "winnow";\nawait openRelease({ home: 1 });\n',
      );
      await expect(run(process.execPath, [tsc, "-p", consumer])).rejects.toMatchObject({
        stdout: expect.stringContaining("wrong.ts(2,"),
      });
    },
    5 * MINUTE,
  );

  it(
    "is imported by a program",
    async () => {
      const program = `
      import { openRelease } from ${JSON.stringify(join(installed, "client", "library.js"))};
      const release = await openRelease({ home: process.argv[1] });
      const { passages } = await release.search("pod stuck in Pending", 3);
      await release.close();
      process.stdout.write(String(passages.length));`;
      const args = ["--input-type=module", "-e", program, env.WINNOW_HOME];
      expect(await run(process.execPath, args, { cwd: folder, env: {} })).toEqual({ stdout: "3", stderr: "" });
    },
    MINUTE,
  );
});
