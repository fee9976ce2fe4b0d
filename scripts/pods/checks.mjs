// Winnow's pools as pods: admission, probes, limits, the sample, questions, budgets, drains.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expectThat } from "../images/checks.mjs";
import { until } from "../infra/processes.mjs";
import { isReady } from "./cluster.mjs";
import { commandPod } from "./overlay.mjs";

const QUESTION = "How do I create a Kubernetes Job?";
const RUN = ["run", "--docs", "/docs/docs", "--questions", "/docs/questions.jsonl", "--budget", "0.5", "--json"];
const POOLS = ["cpu", "gpu", "query"];
const CREATED = 201;
const TOO_MANY_REQUESTS = 429;
const LIMITS = { cpu: 8, gpu: 12, query: 6 };
/** docs/operate/deploy.md gives 18 seconds for a drain; the rest is a margin for a busy machine. */
const GONE_SECONDS = 40;

/** Runs all checks on a ready node with the objects of the overlay. */
export async function checkAll(cluster, checks, { folder, cgroup, objects }) {
  const deployment = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "winnow-cpu");
  const command = (name, args) => commandPod(deployment, name, args);
  await checkStart(cluster, checks, cgroup);
  const release = await checkRun(cluster, checks, command, join(folder, "s3", "winnow", "artifacts"));
  if (release) {
    await checkQuestions(cluster, checks, command, release);
    await checkDisruption(cluster, checks, command, release);
  }
}

async function checkStart(cluster, checks, cgroup) {
  for (const pool of POOLS)
    await checks.check(pool, "is admitted under the restricted profile, starts, and passes its probes", () =>
      cluster.ready(pool),
    );
  await checks.check("web", "starts, and is not ready before the first release", async () => {
    await until("web runs", async () => (await cluster.pods("web"))[0]?.status.containerStatuses?.[0].started === true);
    expectThat(!(await cluster.pods("web")).some(isReady), "ready");
  });
  await checks.check("node", "limits the memory of pods", async () => {
    for (const pool of POOLS) {
      const [pod] = await cluster.pods(pool);
      const bytes = memoryLimit(cgroup, pod);
      expectThat(bytes === LIMITS[pool] * 2 ** 30, `${pool}: ${bytes} bytes`);
    }
  });
}

/** Bytes that the pod's cgroup may use. */
function memoryLimit(cgroup, pod) {
  const parent = join("/sys/fs/cgroup/memory", cgroup, "kubepods", "burstable");
  const own = readdirSync(parent).find((name) => name === `pod${pod.metadata.uid}`);
  return Number(readFileSync(join(parent, own, "memory.limit_in_bytes"), "utf8"));
}

/** The sample through the pods, with the cpu pod deleted in mid-run. Returns the release, or null. */
async function checkRun(cluster, checks, command, artifacts) {
  let release = null;
  const started = Date.now();
  const ended = await cluster.start(command("run", RUN));
  await checks.check("cpu", "deleted in mid-run: hands its stage back in time, and another pod starts", async () => {
    await until("the run has written an artifact", () => existsSync(artifacts), 300);
    const [pod] = await cluster.pods("cpu");
    const seconds = await cluster.deletePod(pod.metadata.name);
    expectThat(seconds < GONE_SECONDS, `gone after ${seconds} s`);
    await cluster.ready("cpu");
    return `${seconds.toFixed(1)} s`;
  });
  await checks.check("cpu", "pods run the sample to a release", async () => {
    const { phase, log } = await ended(1500);
    expectThat(phase === "Succeeded", log.slice(-3000));
    const result = JSON.parse(log.slice(log.indexOf("{")));
    expectThat(result.promoted === true && result.stages.length === 6, result);
    release = result.release;
    return `${Math.round((Date.now() - started) / 1000)} s`;
  });
  return release;
}

async function answered({ phase, log }, release) {
  expectThat(phase === "Succeeded", log.slice(-3000));
  const answer = JSON.parse(log.slice(log.indexOf("{")));
  expectThat(answer.receipt.release === release && answer.citations.length > 0, answer);
}

async function checkQuestions(cluster, checks, command, release) {
  await checks.check("query", "answers a question with citations from the release", async () => {
    const ended = await cluster.start(command("ask", ["ask", QUESTION, "--json"]));
    await answered(await ended(), release);
  });
  await checks.check("web", "becomes ready once a release serves", () => cluster.ready("web", 2));
}

async function checkDisruption(cluster, checks, command, release) {
  await checks.check("node", "a drain may not stop a training, and leaves one query worker", async () => {
    await cluster.patch(cluster.deployment("winnow-query"), { spec: { replicas: 2 } });
    await cluster.ready("query", 2);
    const [gpu] = await cluster.pods("gpu");
    expectThat((await cluster.evict(gpu.metadata.name)) === TOO_MANY_REQUESTS, "the gpu pod was evicted");
    const [first, second] = await cluster.pods("query");
    expectThat((await cluster.evict(first.metadata.name)) === CREATED, "no query pod could be evicted");
    expectThat((await cluster.evict(second.metadata.name)) === TOO_MANY_REQUESTS, "both query pods were evicted");
    await cluster.ready("query", 2);
  });
  await checks.check("query", "questions are answered while the pool is rolled to a new version", async () => {
    const before = new Set((await cluster.pods("query")).map(({ metadata }) => metadata.name));
    const change = { spec: { template: { metadata: { annotations: { rolled: "1" } } } } };
    await cluster.patch(cluster.deployment("winnow-query"), change);
    let asked = 0;
    const rolled = async () => {
      const pods = await cluster.pods("query");
      return pods.filter(isReady).length >= 2 && pods.every(({ metadata }) => !before.has(metadata.name));
    };
    for (const deadline = Date.now() + 300_000; asked === 0 || !(await rolled()); asked++) {
      expectThat(Date.now() < deadline, await cluster.describe("query"));
      const ended = await cluster.start(command(`ask-${asked}`, ["ask", `${QUESTION} (${asked})`, "--json"]));
      await answered(await ended(), release);
    }
    return `${asked} questions`;
  });
}
