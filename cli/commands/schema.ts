import { inputSchema } from "../../client/inputSchema.ts";
import type { Io } from "../io.ts";

/** `winnow schema`. */
export async function schemaCommand(io: Io, workflow: string): Promise<void> {
  const schema = inputSchema(workflow);
  io.result(schema, () => JSON.stringify(schema, null, 2));
}
