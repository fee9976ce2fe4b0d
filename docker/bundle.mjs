// For the build stage of an image: bundles the workflows into the folder given. Where that folder is read-only, a worker
// would spend seconds and memory on it at each start.
import { workflowBundle } from "../workers/workflowBundle.ts";

await workflowBundle(process.argv[2]);
