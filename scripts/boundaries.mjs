// Checks the import rules over every room of architecture.json.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { rooms } from "./rooms.mjs";
import { root } from "./setup/paths.mjs";

const cruiser = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
const args = [cruiser, "--config", ".dependency-cruiser.cjs", ...rooms];
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1);
