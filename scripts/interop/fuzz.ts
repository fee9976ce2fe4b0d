// npm run check:fuzz [-- --requests N]: schemathesis sends requests made from openapi.json, right and wrong ones. No
// response may be a failure inside, hang, or differ from its description. Creates a Python environment in the cache.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { listen } from "../../http/server.ts";
import { answerOf, citation } from "../../http/testing/answers.ts";
import { localServer } from "../../http/testing/localDoors.ts";
import { pythonWith } from "./python.ts";

const PACKAGES = ["schemathesis==4.32.5"];
const CHECKS = "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance";
const TIMEOUT_SECONDS = 20;
/** Operations share the requests; each takes about this many more for edge cases of its schema. */
const OPERATIONS = 13;

const { values } = parseArgs({ options: { requests: { type: "string", default: "10000" } } });
const python = await pythonWith("fuzz-venv", PACKAGES, "150 MB, a minute");
const local = await localServer({ questionsAtOnce: 64 });
local.script = async function* () {
  yield { event: "accepted", data: { id: "ask-1" } };
  yield { event: "answer", data: answerOf("A Job [1].", [citation("Jobs", "https://docs.example.com/jobs")]) };
};
const server = await listen(local.app, { host: "127.0.0.1", port: 0 });
const examples = Math.ceil(Number(values.requests) / OPERATIONS);
// Several threads end CPython 3.11 with "AST constructor recursion depth mismatch" now and then.
const limits = ["--max-examples", `${examples}`, "--request-timeout", `${TIMEOUT_SECONDS}`, "--workers", "1"];
const url = `http://127.0.0.1:${server.port}/openapi.json`;
const args = ["-m", "schemathesis.cli", "run", url, "--checks", CHECKS, "--seed", "7", ...limits, "--no-color"];
// It keeps what it found in the current folder.
const scratch = await mkdtemp(join(tmpdir(), "winnow-fuzz-"));
const fuzzer = spawn(python, args, { stdio: "inherit", cwd: scratch });
process.exitCode = await new Promise<number>((settle) => fuzzer.once("close", (code) => settle(code ?? 1)));
await server.close();
await local.end();
await rm(scratch, { recursive: true });
