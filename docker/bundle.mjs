// For the build stage of an image: bundles the workflows into the given folder. A container cannot write there, so
// without the bundle a worker would spend seconds and memory on it at each start.
import { workflowBundle } from "../workers/workflowBundle.ts";

await workflowBundle(process.argv[2]);
