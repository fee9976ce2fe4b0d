import { appendFile, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../../base/canonical.ts";

interface Line {
  key: string;
  /** The model's raw reply, so that a better parser needs no new call. */
  reply: string;
}

/** Replies of a model by request. */
export interface Replies<R> {
  get(request: R): string | undefined;
  /** Time of the last reply of any run, in milliseconds; 0 if there is none. */
  readonly lastAt: number;
  /** Resolves when the reply is on disk. */
  keep(request: R, reply: string): Promise<void>;
}

/**
 * Opens the replies of `model` in `folder`, an append-only JSONL file. A killed writer leaves half a line, which is
 * skipped, because each record begins with its own line break. Requests with damaged lines are sent again.
 *
 * @param identityOf all that a reply depends on, as JSON, with the version of the prompt
 */
export async function openReplies<R>(
  folder: string,
  model: string,
  identityOf: (request: R) => unknown,
): Promise<Replies<R>> {
  const keyOf = (request: R) => sha256(JSON.stringify(identityOf(request)));
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${sha256(model).slice(0, 24)}.jsonl`);
  const known = new Map<string, string>();
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  for (const line of text.split("\n")) {
    const value = parsed(line);
    if (value !== null) known.set(value.key, value.reply);
  }
  let lastAt = known.size > 0 ? (await stat(file)).mtimeMs : 0;
  return {
    get lastAt() {
      return lastAt;
    },
    get: (request) => known.get(keyOf(request)),
    async keep(request, reply) {
      const key = keyOf(request);
      known.set(key, reply);
      await appendFile(file, `\n${JSON.stringify({ key, reply } satisfies Line)}`);
      lastAt = Date.now();
    },
  };
}

/** Number of lines in a file of replies that cannot be parsed. A killed writer leaves half a line. */
export async function damagedReplies(file: string): Promise<number> {
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.filter((line) => line !== "" && parsed(line) === null).length;
}

function parsed(line: string): Line | null {
  try {
    const { key, reply } = JSON.parse(line);
    return typeof key === "string" && typeof reply === "string" ? { key, reply } : null;
  } catch {
    return null;
  }
}
