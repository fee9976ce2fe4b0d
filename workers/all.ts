import { QUEUES } from "../contracts/names.ts";
import { serve } from "./serve.ts";

// All pools in one process: the embedded default of `npm start`.
await serve(Object.values(QUEUES));
