export { approval } from "./approval.ts";
export { ask } from "./ask.ts";
export { promote, rollback } from "./champion.ts";
export { corpusLock } from "./corpusLock.ts";
export { pipeline } from "./pipeline.ts";
