// Runs in the thread that older versions of Node have for hooks.
import { loadHook } from "./compiled.mjs";

export const load = loadHook();
