import { QUEUES } from "../contracts/names.ts";
import { serve } from "./serve.ts";

// The cpu pool: workflows, light activities, and all heavy stages but training.
await serve([QUEUES.main, QUEUES.cpu]);
