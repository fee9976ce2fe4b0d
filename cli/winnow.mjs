#!/usr/bin/env node
import { existsSync } from "node:fs";

// A package holds compiled modules. In a clone tsx runs the TypeScript sources directly.
const sources = existsSync(new URL("./main.ts", import.meta.url));
if (sources) {
  try {
    const { register } = await import("tsx/esm/api");
    register();
  } catch {
    console.error(
      "winnow: its packages are not installed. Run `npm start` in the folder it was cloned to: it sets everything up.",
    );
    process.exit(1);
  }
}
const { main } = await import(sources ? "./main.ts" : "./main.js");
await main(process.argv);
