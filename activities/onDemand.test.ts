import { expect, test } from "vitest";
import type { QueueName } from "../contracts/names.ts";
import { createLightActivities } from "./light.ts";

test("an on-demand pool counts as at least one worker, so it splits no stage; other pools count their pollers", async () => {
  const polling: Record<QueueName, number> = { winnow: 0, "winnow-cpu": 3, "winnow-gpu": 0, "winnow-query": 0 };
  const temporal = { pollers: async (queue: QueueName) => polling[queue] };
  const onDemand: QueueName[] = ["winnow-cpu", "winnow-gpu"];
  const { pollersOf } = createLightActivities({ temporal, onDemand } as never);
  const counts = await Promise.all((["winnow-cpu", "winnow-gpu", "winnow-query"] as const).map(pollersOf));
  expect(counts).toEqual([3, 1, 0]);
});
