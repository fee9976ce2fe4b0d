#!/usr/bin/env node
// Registers tsx, which runs the TypeScript sources directly, then starts the command line.
try {
  const { register } = await import("tsx/esm/api");
  register();
} catch {
  console.error(
    "winnow: its packages are not installed. Run `npm start` in the folder it was cloned to: it sets everything up.",
  );
  process.exit(1);
}
const { main } = await import("./main.ts");
await main(process.argv);
