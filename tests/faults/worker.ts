import { QUEUES, type QueueName } from "../../contracts/names.ts";
import { serve } from "../../workers/serve.ts";

// A worker process like those of `workers/`, whose compute processes run `tasks.ts`. It polls the queues given as
// arguments; default: all.
const queues = process.argv.slice(2) as QueueName[];
await serve(queues.length > 0 ? queues : Object.values(QUEUES), new URL("./tasks.ts", import.meta.url).href);
