import type { Group, Setting } from "./schema.ts";
import { BUCKET } from "./settings/bucket.ts";
import { CAPACITY } from "./settings/capacity.ts";
import { COMPUTE } from "./settings/compute.ts";
import { HTTP } from "./settings/http.ts";
import { HUB } from "./settings/hub.ts";
import { INHERITED } from "./settings/inherited.ts";
import { LISTENING } from "./settings/listening.ts";
import { LLM } from "./settings/llm.ts";
import { ENCRYPTION } from "./settings/payloadKeys.ts";
import { SOURCES } from "./settings/sources.ts";
import { STORAGE } from "./settings/storage.ts";
import { CONTAINERS, SET_UP, TESTING } from "./settings/surroundings.ts";
import { TEMPORAL } from "./settings/temporal.ts";
import { TERMINAL } from "./settings/terminal.ts";
import { TRACING } from "./settings/tracing.ts";
import { VECTOR_SERVER } from "./settings/vectors.ts";
import { VERSIONS } from "./settings/versions.ts";

/** Every setting, in the order of the reference. */
export const GROUPS: readonly Group[] = [
  STORAGE,
  BUCKET,
  VECTOR_SERVER,
  TEMPORAL,
  ENCRYPTION,
  VERSIONS,
  LLM,
  HUB,
  HTTP,
  COMPUTE,
  CAPACITY,
  LISTENING,
  SOURCES,
  TRACING,
  TERMINAL,
  SET_UP,
  CONTAINERS,
  TESTING,
  INHERITED,
];

export const SETTINGS: readonly Setting[] = GROUPS.flatMap(({ settings }) => settings);
