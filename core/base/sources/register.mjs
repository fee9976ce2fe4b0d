// Makes this process run the TypeScript sources of a clone: `node --import ./core/base/sources/register.mjs MODULE`.
import * as nodeModule from "node:module";
import { canKeep, loadHook } from "./compiled.mjs";

if (!canKeep()) {
  // It keeps what it compiled in the temporary folder.
  await import("tsx");
} else {
  process.setSourceMapsEnabled(true);
  // Since Node 22.15 hooks run in this thread, which is faster.
  if (nodeModule.registerHooks) nodeModule.registerHooks({ load: loadHook() });
  else nodeModule.register("./hooks.mjs", import.meta.url);
}
