import { QUEUES } from "../../contracts/names.ts";
import { serve } from "../../workers/serve.ts";

// A worker process as `workers/all.ts`, whose compute processes run what `tasks.ts` beside it holds.
await serve(Object.values(QUEUES), new URL("./tasks.ts", import.meta.url).href);
