import { expect, test } from "vitest";
import { readWorkerConfig } from "./workerConfig.ts";

test("everything has a default, and WINNOW_HOME moves all state", () => {
  expect(readWorkerConfig({}, { cores: 2, memoryBytes: 8 * 2 ** 30 })).toMatchObject({
    temporal: { address: "127.0.0.1:7233", namespace: "default" },
    llm: null,
    threads: undefined,
    failpoint: null,
    artifacts: null,
    provider: "cpu",
    capacity: { stages: 1, questions: 8, waiting: 32, engines: 4, heapMb: 4096, cachedWorkflows: 512 },
    onDemand: [],
    health: null,
    metrics: null,
  });
  expect(readWorkerConfig({ WINNOW_HOME: "/data/w" }).home).toBe("/data/w");
});

test("the operator names a bucket, its address and the size of its local cache", () => {
  const env = {
    WINNOW_ARTIFACTS: "s3://docs/winnow/prod/",
    WINNOW_S3_ENDPOINT: "http://s3:7070",
    AWS_REGION: "eu-west-1",
  };
  expect(readWorkerConfig(env).artifacts).toEqual({
    bucket: "docs",
    prefix: "winnow/prod",
    endpoint: "http://s3:7070",
    region: "eu-west-1",
    cacheBytes: 20 * 2 ** 30,
  });
  expect(readWorkerConfig({ WINNOW_ARTIFACTS: "s3://docs" }).artifacts).toMatchObject({ prefix: "", endpoint: null });
  for (const url of ["https://docs/x", "s3://", "s3://Docs", "s3://docs/../x", "s3://docs/a?b"])
    expect(() => readWorkerConfig({ WINNOW_ARTIFACTS: url })).toThrow(/give s3:\/\/bucket/);
});

test("a version needs both a deployment and a build", () => {
  expect(readWorkerConfig({}).deployment).toBeNull();
  const env = { WINNOW_DEPLOYMENT: "winnow", WINNOW_BUILD_ID: "7a1" };
  expect(readWorkerConfig(env).deployment).toEqual({ name: "winnow", buildId: "7a1" });
  expect(() => readWorkerConfig({ WINNOW_BUILD_ID: "7a1" })).toThrow(/WINNOW_DEPLOYMENT is not set/);
});

test("models are computed on the CPU or by CUDA, and by nothing else", () => {
  expect(readWorkerConfig({ WINNOW_PROVIDER: "cuda" }).provider).toBe("cuda");
  expect(() => readWorkerConfig({ WINNOW_PROVIDER: "rocm" })).toThrow(/give cpu or cuda/);
});

test("capacity follows the machine or the container's limits, and each part can be set", () => {
  const small = { cores: 1, coreLimit: 1, memoryBytes: 2 ** 30 };
  expect(readWorkerConfig({}, small)).toMatchObject({
    threads: 1,
    capacity: { questions: 4, engines: 1, heapMb: 512, cachedWorkflows: 64 },
  });
  const env = { WINNOW_STAGES_AT_ONCE: "2", WINNOW_QUESTIONS_AT_ONCE: "3", WINNOW_ENGINES: "5", WINNOW_THREADS: "7" };
  expect(readWorkerConfig({}, { cores: 1, memoryBytes: 2 ** 24 }).capacity.cachedWorkflows).toBe(10);
  expect(readWorkerConfig({ WINNOW_CACHED_WORKFLOWS: "40" }, small).capacity.cachedWorkflows).toBe(40);
  expect(readWorkerConfig(env, small)).toMatchObject({
    threads: 7,
    capacity: { stages: 2, questions: 3, engines: 5, heapMb: 256 },
  });
});

test("pools that start on demand are named by their queues", () => {
  expect(readWorkerConfig({ WINNOW_POOLS_ON_DEMAND: "winnow-gpu, winnow-query" }).onDemand).toEqual([
    "winnow-gpu",
    "winnow-query",
  ]);
  expect(() => readWorkerConfig({ WINNOW_POOLS_ON_DEMAND: "gpu" })).toThrow(/WINNOW_POOLS_ON_DEMAND names "gpu"/);
});

test("health and metrics listen on loopback by default, and only if a port is given", () => {
  expect(readWorkerConfig({ WINNOW_HEALTH_PORT: "8080" }).health).toEqual({ host: "127.0.0.1", port: 8080 });
  const everywhere = { WINNOW_METRICS_PORT: "9464", WINNOW_LISTEN_HOST: "0.0.0.0" };
  expect(readWorkerConfig(everywhere)).toMatchObject({ health: null, metrics: { host: "0.0.0.0", port: 9464 } });
  expect(() => readWorkerConfig({ WINNOW_HEALTH_PORT: "70000" })).toThrow(/WINNOW_HEALTH_PORT is 70000/);
});

test("compute processes inherit no secret", () => {
  const env = { PATH: "/bin", WINNOW_LLM_API_KEY: "sk-1", AWS_SECRET_ACCESS_KEY: "x", TEMPORAL_API_KEY: "y" };
  expect(readWorkerConfig(env).computeEnv).toEqual({ PATH: "/bin" });
});

test("an incomplete LLM and a malformed number of threads are refused by name", () => {
  expect(() => readWorkerConfig({ WINNOW_LLM_BASE_URL: "http://127.0.0.1:11434/v1" })).toThrow(
    /WINNOW_LLM_MODEL is not set/,
  );
  expect(() => readWorkerConfig({ WINNOW_THREADS: "many" })).toThrow(/WINNOW_THREADS is "many"/);
});

test("a key for another service is not used", () => {
  const env = { WINNOW_LLM_BASE_URL: "http://localhost/v1", WINNOW_LLM_MODEL: "m", OPENAI_API_KEY: "sk-other" };
  expect(readWorkerConfig(env).llm).toEqual({ baseUrl: "http://localhost/v1", model: "m", apiKey: undefined });
});
