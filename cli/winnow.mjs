#!/usr/bin/env node
import { existsSync } from "node:fs";

// A package holds compiled modules. In a clone the TypeScript sources are compiled as they load.
const sources = existsSync(new URL("./main.ts", import.meta.url));
if (sources) {
  try {
    await import("../core/base/sources/register.mjs");
  } catch {
    console.error(
      "winnow: its packages are not installed. Run `npm start` in the folder it was cloned to: it sets everything up.",
    );
    process.exit(1);
  }
}
const { main } = await import(sources ? "./main.ts" : "./main.js");
await main(process.argv);
