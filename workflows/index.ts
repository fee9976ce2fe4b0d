export { ask } from "./ask.ts";
export { corpusLock } from "./corpusLock.ts";
export { pipeline } from "./pipeline.ts";
