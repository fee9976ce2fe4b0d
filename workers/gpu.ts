import { QUEUES } from "../contracts/names.ts";
import { serve } from "./serve.ts";

// The gpu pool: training. It uses a GPU if there is one.
await serve([QUEUES.gpu]);
