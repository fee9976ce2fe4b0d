import type { Protocol } from "./protocol.ts";
import { ask } from "./routes/ask.ts";
import { chat } from "./routes/chat.ts";
import { feedback } from "./routes/feedback.ts";
import { mcp } from "./routes/mcp.ts";
import { models } from "./routes/models.ts";
import { rerank } from "./routes/rerank.ts";
import { retrieval } from "./routes/retrieval.ts";
import { search } from "./routes/search.ts";

/** All protocols that the server speaks. To add one, write a file under `routes/` and a row. */
export const PROTOCOLS: readonly Protocol[] = [ask, feedback, search, rerank, models, chat, retrieval, mcp];
