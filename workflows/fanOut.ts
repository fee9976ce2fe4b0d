import { CancellationScope } from "@temporalio/workflow";

const AT_ONCE = 4;

/**
 * Runs `work` for each shard, a few at a time, and returns the results in order. `tell` receives the number of finished
 * shards. A failure cancels the other shards.
 */
export async function fanOut<R>(
  shards: number,
  work: (shard: number) => Promise<R>,
  tell: (finished: number) => void,
): Promise<R[]> {
  const done: R[] = [];
  let [next, finished] = [0, 0];
  const worker = async () => {
    for (let shard = next++; shard < shards; shard = next++) {
      done[shard] = await work(shard);
      tell(++finished);
    }
  };
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    await Promise.all(Array.from({ length: AT_ONCE }, worker)).catch((error) => {
      scope.cancel();
      throw error;
    });
  });
  return done;
}
