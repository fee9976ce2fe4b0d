import type { WorkContext } from "../base/progress.ts";
import { serviceOpener } from "../runtime/service.ts";
import type { EngineOptions } from "../serving/engine.ts";

/**
 * Services of a compute process: long-lived objects whose functions are called by name. They are apart from `tasks`, so
 * that neither the serving process nor its caller loads a stage.
 */
export const services = {
  engine: async (options: EngineOptions, context: WorkContext) =>
    (await import("../serving/engine.ts")).openEngine(options, context),
} as const;

/** Opens one of `services` in a compute process. */
export const openService = serviceOpener<typeof services>(import.meta.url);
