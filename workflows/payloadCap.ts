import { ApplicationFailure, type WorkflowInterceptorsFactory } from "@temporalio/workflow";
import { MAX_PAYLOAD_BYTES } from "../contracts/names.ts";

function check(name: string, values: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(values) ?? "").length;
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw ApplicationFailure.nonRetryable(
    `${name}: ${bytes} bytes would cross Temporal; at most ${MAX_PAYLOAD_BYTES} may. Pass a reference instead.`,
    "PayloadTooLarge",
  );
}

/** Installed in every worker: keeps the arguments and results of workflows below Winnow's payload cap. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      async execute(input, next) {
        const result = await next(input);
        check("The workflow's result", result);
        return result;
      },
    },
  ],
  outbound: [
    {
      async scheduleActivity(input, next) {
        check(`Input of ${input.activityType}`, input.args);
        return next(input);
      },
      async scheduleLocalActivity(input, next) {
        check(`Input of ${input.activityType}`, input.args);
        return next(input);
      },
      async startChildWorkflowExecution(input, next) {
        check(`Input of ${input.workflowType}`, input.options.args);
        return next(input);
      },
    },
  ],
});
