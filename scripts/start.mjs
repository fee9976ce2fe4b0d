// npm start: set-up, then `winnow up` with the arguments given after `--`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bootstrapOrExit } from "./bootstrap.mjs";
import { root } from "./setup/paths.mjs";

await bootstrapOrExit();
const child = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), "up", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// The child decides when to exit. A terminal sends Ctrl-C to both processes, and the child counts the two as one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.once("close", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
