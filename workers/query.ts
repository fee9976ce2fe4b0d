import { QUEUES } from "../contracts/names.ts";
import { serve } from "./serve.ts";

// The query pool: answers questions.
await serve([QUEUES.query]);
