// npm start: set-up, then `winnow up` with the arguments given after `--`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bootstrapOrExit } from "./bootstrap.mjs";
import { root } from "./setup/paths.mjs";

await bootstrapOrExit();
const child = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), "up", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// The terminal sends Ctrl-C to both processes; the child decides when to exit.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.once("close", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
