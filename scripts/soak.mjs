// npm run test:soak [-- --minutes N --seed N --keep]: set-up, then the product under questions, changes and kills.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { bootstrapOrExit } from "./bootstrap.mjs";
import { cache, root } from "./setup/paths.mjs";
import { testEnv } from "./testEnv.mjs";

await bootstrapOrExit({ ownServer: true });
const soak = spawn(
  process.execPath,
  ["--import", "tsx", join(root, "tests", "soak", "main.ts"), ...process.argv.slice(2)],
  {
    cwd: root,
    env: { ...testEnv(), WINNOW_CACHE: cache, TEMPORAL_CONFIG_FILE: "" },
    stdio: "inherit",
  },
);
// Ctrl-C reaches both; the soak ends what it started.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => soak.kill(signal));
soak.once("exit", (code) => process.exit(code ?? 1));
