// Each pool from its image, against the compose file's own services: protection, health, the sample, signals.
import { expectThat } from "./checks.mjs";
import { endedProcesses, memoryOf, protectionProblems, request } from "./probes.mjs";
import { megabytes } from "./sizes.mjs";

/** docs/operate/deploy.md gives 18 seconds; the rest is a margin for a busy machine. */
const DRAIN_SECONDS = 30;
export const TOKEN = "winnow-on-loopback";
const QUESTION = "How do I create a Kubernetes Job?";
const POOLS = ["cpu", "gpu", "query"];

const seconds = (since) => (Date.now() - since) / 1000;
const afterMs = (ms) => new Promise((settle) => setTimeout(settle, ms));

/** Work that is awaited later: until then its failure must not end the process. */
function underWay(work) {
  work.catch(() => {});
  return work;
}

/** Checks the services that compose starts before the pools, and the results of their commands. */
export async function checkServices(stack, checks) {
  await checks.check(
    "compose",
    "creates the tables, starts Temporal on them, registers namespace and attributes",
    async () => {
      await stack.up("namespace");
      await stack.completed("namespace");
      const names = ["operator", "search-attribute", "list"];
      const { output } = await stack.once("namespace", names, { entrypoint: ["temporal"] });
      for (const name of ["Corpus", "Release", "Stage", "Outcome", "Ndcg"])
        expectThat(output.includes(`Winnow${name}`), output);
    },
  );
  await checks.check("compose", "creates the bucket and serves it", async () => {
    await stack.up("s3");
    await stack.completed("bucket");
  });
}

/** Starts a pool and checks what holds at rest. Returns {start, rest}: seconds and bytes. */
export async function checkStart(stack, checks, name) {
  const measured = { start: Number.NaN, rest: Number.NaN };
  await checks.check(name, "starts and is healthy by its image's own check", async () => {
    const started = Date.now();
    await stack.up(name);
    await stack.healthy(name);
    measured.start = seconds(started);
    return `${measured.start.toFixed(1)} s`;
  });
  const container = stack.containers.get(name);
  if (!container?.running()) return measured;
  await checks.check(
    name,
    "runs as user 1000 without capabilities, and writes to /tmp and its volume alone",
    async () => {
      const problems = await protectionProblems(container);
      expectThat(problems.length === 0, problems.join("; "));
    },
  );
  measured.rest = await memoryOf(container);
  return measured;
}

export async function checkProbes(stack, checks, name, port, ready) {
  await checks.check(name, `/healthz answers 200 and /readyz ${ready}`, async () => {
    const container = stack.containers.get(name);
    const replies = [];
    for (const path of ["healthz", "readyz"])
      replies.push(await request(container, `http://127.0.0.1:${port}/${path}`));
    expectThat(replies[0].status === 200 && replies[1].status === ready, replies);
  });
}

/** The sample through the pools, with the cpu pool stopped and replaced in mid-run. Returns the release. */
export async function checkRun(stack, checks) {
  let release = null;
  const command = ["run", "--docs", "/docs/docs", "--questions", "/docs/questions.jsonl", "--budget", "0.5", "--json"];
  const run = underWay(stack.once("cli", command));
  await checks.check("cpu", "SIGTERM in mid-run: hands its stage back and exits 0 in time", async () => {
    await afterMs(15_000);
    return await drained(stack, "cpu", "SIGTERM");
  });
  await checks.check("cpu", "a new container takes the run over, which promotes a release", async () => {
    await stack.up("cpu");
    const { code, output, stdout } = await run;
    expectThat(code === 0, output.slice(-2000));
    const result = JSON.parse(stdout);
    expectThat(result.promoted === true && result.stages.length === 6, result);
    release = result.release;
    return `${result.stages.length} stages`;
  });
  await checks.check("cpu", "leaves no ended process of the run behind", async () => {
    const ended = await endedProcesses(stack.containers.get("cpu"));
    expectThat(ended === 0, `${ended} ended processes`);
  });
  return release;
}

/** Asks by command and by HTTP. Every answer must come from the same release. */
export async function checkQuestions(stack, checks, release) {
  await checks.check("query", "answers a question with citations from the release", async () => {
    const { code, stdout, output } = await stack.once("cli", ["ask", QUESTION, "--json"]);
    expectThat(code === 0, output.slice(-2000));
    const answer = JSON.parse(stdout);
    expectThat(answer.receipt.release === release && answer.citations.length > 0, answer);
  });
  await checks.check("web", "answers the same by HTTP for another machine, and only with the token", async () => {
    const asked = await ask(stack, TOKEN);
    expectThat(asked.status === 200 && JSON.parse(asked.text).receipt.release === release, asked);
    const refused = await ask(stack, "other");
    expectThat(refused.status === 401, refused);
  });
}

const ask = (stack, token, mark) =>
  request(stack.containers.get("cpu"), "http://web:8090/v1/ask", { body: { question: QUESTION }, token, mark });

/** Resolves when the first event of a streamed answer has arrived. */
async function isAsked(asker, mark) {
  for (const deadline = Date.now() + 60_000; (await asker.exec(["test", "-e", mark])).code !== 0; ) {
    expectThat(Date.now() < deadline, "no event of the answer arrived within a minute");
    await afterMs(20);
  }
}

/** Stops pools while they answer. Requests under way must be answered. */
export async function checkDrain(stack, checks) {
  for (const [name, what] of [
    ["web", "SIGTERM while it answers: the answer arrives, and it exits 0 in time"],
    ["query", "SIGTERM while it answers: exits 0 in time, and the question is answered"],
  ])
    await checks.check(name, what, async () => {
      await stack.healthy("web");
      const mark = `/tmp/asked-${name}`;
      const asked = underWay(ask(stack, TOKEN, mark));
      await isAsked(stack.containers.get("cpu"), mark);
      const took = await drained(stack, name, "SIGTERM");
      await stack.up(name);
      const reply = await asked;
      expectThat(reply.status === 200 && /^event: answer$/m.test(reply.text), reply);
      await stack.healthy(name);
      return took;
    });
  for (const name of POOLS)
    await checks.check(name, "SIGINT at rest: exits 0 in time", () => drained(stack, name, "SIGINT"));
}

/** All pools in one container, on the state that the others left. */
export async function checkAll(stack, checks, release) {
  const measured = await checkStart(stack, checks, "all");
  await checks.check("all", "answers a question from the release of the other pools", async () => {
    const { code, stdout, output } = await stack.once("cli", ["ask", QUESTION, "--json"]);
    expectThat(code === 0 && JSON.parse(stdout).receipt.release === release, output.slice(-2000));
  });
  await checks.check("all", "SIGTERM: exits 0 in time", () => drained(stack, "all", "SIGTERM"));
  return measured;
}

/** Sends a signal and waits for the end. Throws if it is late or not 0. */
async function drained(stack, name, signal) {
  const container = stack.containers.get(name);
  expectThat(container?.running(), `${name} does not run: ${container?.output().slice(-2000)}`);
  const started = Date.now();
  await container.signal(signal);
  const end = await Promise.race([container.exited, afterMs(DRAIN_SECONDS * 1000)]);
  const took = seconds(started);
  const output = container.output().slice(-2000);
  await stack.remove(name);
  expectThat(end !== undefined, `still runs ${DRAIN_SECONDS} s after ${signal}: ${output}`);
  expectThat(end.code === 0, `ended with ${end.code}: ${output}`);
  return `${took.toFixed(1)} s`;
}

/** Size, start time and memory at rest of each image, as a table. */
export function summaryTable(rows) {
  const cell = (value, unit, digits = 0) => (Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : "-");
  return [
    "| image | size | without weights | healthy after | memory at rest | checks passed |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map(({ name, bytes, models, start, rest, passed }) =>
      [
        `| ${name} | ${cell(megabytes(bytes), "MB")} | ${cell(megabytes(bytes - models), "MB")} |`,
        `${cell(start, "s", 1)} | ${cell(megabytes(rest), "MB")} | ${passed} |`,
      ].join(" "),
    ),
  ];
}
