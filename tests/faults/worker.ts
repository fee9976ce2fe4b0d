import { QUEUES, type QueueName } from "../../contracts/names.ts";
import { serve } from "../../workers/serve.ts";

// A worker process as those of `workers/`, whose compute processes run what `tasks.ts` beside it holds. It polls the
// queues given as arguments, else all.
const queues = process.argv.slice(2) as QueueName[];
await serve(queues.length > 0 ? queues : Object.values(QUEUES), new URL("./tasks.ts", import.meta.url).href);
