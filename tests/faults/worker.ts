import { QUEUES } from "../../contracts/names.ts";
import { runTask } from "../../core/native/host.ts";
import { serve } from "../../workers/serve.ts";

// A worker process as `workers/all.ts`, whose stages are those of `tasks.ts` beside it.
const tasks = new URL("./tasks.ts", import.meta.url).href;
await serve(Object.values(QUEUES), (name, args, options) => runTask(name, args, { ...options, tasks }));
