import { QUEUES } from "../../contracts/names.ts";
import { type DescribedQueue, isRecent, loadRequest, presenceQueue, secondsOf } from "./queueLoads.ts";

/** `baseUrl` of a model that the worker runs itself. */
export const LOCAL = "local";

/** The LLM of a worker process, without any secret. */
export interface WorkersLlm {
  /** Null: it quotes. */
  model: string | null;
  /** Scheme, host and path of the endpoint; `local` for a model of the worker's own, even if it is not used. */
  baseUrl: string | null;
  /** Speed of a local model, or the reason why the worker quotes; null if there is nothing to say. */
  note: string | null;
}

/** Longest texts of an identity; the server refuses identities above 1,000 characters. */
const MAX_TEXT = 200;

/** Identity of a worker on its presence queues: process and host as usual, followed by its LLM. */
export function presenceIdentity(process: string, llm: WorkersLlm): string {
  const short = (text: string | null) => text?.slice(0, MAX_TEXT);
  const { model, baseUrl, note } = llm;
  return `${process} ${JSON.stringify({ llm: { model: short(model), baseUrl: short(baseUrl), note: short(note) } })}`;
}

/** The LLM in an identity; null for workers that report none. */
export function llmOfIdentity(identity: string | null | undefined): WorkersLlm | null {
  const start = identity?.indexOf(" {") ?? -1;
  if (!identity || start < 0) return null;
  try {
    const { llm } = JSON.parse(identity.slice(start + 1)) as { llm?: Record<string, unknown> };
    const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
    return llm ? { model: text(llm.model), baseUrl: text(llm.baseUrl), note: text(llm.note) } : null;
  } catch {
    return null;
  }
}

/**
 * The LLM that the worker which polled the query pool's presence queue last reports. Null if no worker does. Workers
 * that have ended do not poll, so one that replaced them is always later.
 */
export async function workersLlm(
  namespace: string,
  describe: (request: ReturnType<typeof loadRequest>) => Promise<DescribedQueue>,
): Promise<WorkersLlm | null> {
  const { pollers } = await describe(loadRequest(namespace, presenceQueue(QUEUES.query), "activity"));
  const reports = (pollers ?? [])
    .filter((poller) => isRecent(poller, Date.now()))
    .sort((a, b) => secondsOf(b.lastAccessTime) - secondsOf(a.lastAccessTime))
    .flatMap(({ identity }) => llmOfIdentity(identity) ?? []);
  return reports[0] ?? null;
}
