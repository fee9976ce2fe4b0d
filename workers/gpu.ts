import { QUEUES } from "../contracts/names.ts";
import { serve } from "./serve.ts";

// The gpu pool: training. It needs no GPU, but gets one where there is one.
await serve([QUEUES.gpu]);
