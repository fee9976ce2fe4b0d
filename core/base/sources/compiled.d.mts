import type { LoadHookContext } from "node:module";

export declare function canKeep(folder?: string): boolean;
export declare function loadHook(
  folder?: string,
  root?: string,
): (
  url: string,
  context: LoadHookContext | object,
  next: (url: string, context: object) => unknown,
) => { source: string };
