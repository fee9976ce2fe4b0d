import { WinnowError } from "../base/errors.ts";
import { type ProcessOptions, revive, startCompute } from "./process.ts";
import { type FromChild, WHOLE } from "./protocol.ts";
import type { TaskArgs, TaskResult, Tasks } from "./tables.ts";

type Method<A, M extends keyof A> = A[M] extends (...params: infer P) => infer R
  ? { params: P; result: Awaited<R> }
  : never;

/** A compute process that stays loaded and answers requests by id. */
export interface Service<A> {
  request<M extends keyof A & string>(method: M, ...params: Method<A, M>["params"]): Promise<Method<A, M>["result"]>;
  /** False once the process is gone; then open another. */
  alive(): boolean;
  /** Ends the process; pending requests fail with Cancelled. */
  close(): Promise<void>;
}

interface Waiting {
  settle(value: unknown): void;
  fail(error: Error): void;
}

export interface ServiceOptions extends ProcessOptions {
  /** A request that takes longer fails, and its process is killed: the next request gets another. */
  answerWithinMs?: number;
}

/** Opens a service by name in its own process, which starts before the arguments resolve. */
export type ServiceOpener<T extends Tasks> = <N extends keyof T & string>(
  name: N,
  args: TaskArgs<T, N> | Promise<TaskArgs<T, N>>,
  options?: ServiceOptions,
) => Promise<Service<TaskResult<T, N>>>;

/** An opener of the services that `module`, a URL, exports as `services`. */
export function serviceOpener<T extends Tasks>(module: string): ServiceOpener<T> {
  return (name, args, options = {}) =>
    openService(name, args, { ...options, tasks: options.tasks ?? module }) as Promise<Service<never>>;
}

/**
 * Opens a service in its own process and waits until it is loaded. Throws the service's own error; requests fail with
 * ComputeCrashed when the process dies.
 */
async function openService(
  name: string,
  args: unknown,
  options: ServiceOptions & { tasks: string },
): Promise<Service<unknown>> {
  const { answerWithinMs } = options;
  const waiting = new Map<number, Waiting>();
  let dead: Error | null = null;
  let next = WHOLE + 1;
  const compute = startCompute(name, options, (message) => deliver(waiting, message));
  compute.gone.then((death) => {
    dead = death;
    for (const { fail } of waiting.values()) fail(death);
    waiting.clear();
  });
  const opened = new Promise((settle, fail) => waiting.set(WHOLE, { settle, fail }));
  try {
    // Whichever fails first: the arguments, or the process.
    await Promise.all([
      opened,
      Promise.resolve(args).then((made) => compute.send({ type: "service", name, args: made })),
    ]);
  } catch (error) {
    compute.kill();
    throw error;
  }
  return {
    async request(method, ...params) {
      if (dead) throw dead;
      const late = () => compute.fail(`did not answer within ${answerWithinMs! / 1000} s. It was killed`);
      const timer = answerWithinMs === undefined ? undefined : setTimeout(late, answerWithinMs);
      const answer = new Promise<unknown>((settle, fail) => {
        waiting.set(next, { settle, fail });
        compute.send({ type: "request", id: next++, method, params });
      });
      return (await answer.finally(() => clearTimeout(timer))) as never;
    },
    alive: () => dead === null,
    async close() {
      compute.kill();
      await compute.gone;
    },
  };
}

function deliver(waiting: Map<number, Waiting>, message: FromChild): void {
  if (message.type === "progress" || message.type === "warning") return;
  const id = message.type === "opened" ? WHOLE : message.id;
  const request = waiting.get(id);
  waiting.delete(id);
  if (message.type === "opened") request?.settle(undefined);
  else if (message.type === "result") request?.settle(message.value);
  else if (message.type === "error") request?.fail(revive(message.error));
  else request?.fail(new WinnowError("ComputeCrashed", "The service sent an unexpected message"));
}
