import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readHttpConfig } from "../../config/httpConfig.ts";
import { readWorkerConfig } from "../../config/workerConfig.ts";
import { root } from "../setup/paths.mjs";
import { BASE_OPTIONS, objectsIn, POOL_OPTIONS } from "./manifests.mjs";
import { problemsOf } from "./pools.mjs";

const read = (...names) => readFileSync(join(root, "infra", ...names), "utf8");
const POOLS = ["cpu", "gpu", "query", "web"];
const deployments = POOLS.map((pool) => objectsIn(read("pools", `${pool}.yaml`))[0]);
const scalers = Object.fromEntries(objectsIn(read("pools", "scaling.yaml")).map((each) => [each.metadata.name, each]));
const triggersOf = (name) => scalers[name].spec.triggers;
const queues = Object.keys(scalers).filter((name) => name !== "winnow-web");
const envFrom = ({ spec }) => spec.template.spec.containers[0].envFrom;

describe("infra/pools", () => {
  it("leaves the number of pods to KEDA, since an apply with a number would end shards or start a GPU", () => {
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(Object.keys(scalers));
    for (const { spec } of deployments) expect(spec).not.toHaveProperty("replicas");
  });

  it("uses as many threads as the requested cores", () => {
    for (const { spec } of deployments) {
      const [{ name, env, resources }] = spec.template.spec.containers;
      expect(env).toContainEqual({
        name: "WINNOW_THREADS",
        valueFrom: { resourceFieldRef: { containerName: name, resource: "requests.cpu" } },
      });
      expect(Number(resources.requests.cpu)).toBeGreaterThanOrEqual(1);
    }
  });

  it("scales questions by processor time, since their queue is empty while workers refuse the excess", () => {
    expect(triggersOf("winnow-query")).toContainEqual({
      type: "cpu",
      metricType: "Utilization",
      metadata: { value: "70" },
    });
  });

  it("removes a cpu pod at most every ten minutes, after half an hour of low load", () => {
    expect(scalers["winnow-cpu"].spec.advanced.horizontalPodAutoscalerConfig.behavior).toEqual({
      scaleDown: { stabilizationWindowSeconds: 1800, policies: [{ type: "Pods", value: 1, periodSeconds: 600 }] },
    });
  });

  it("leaves TLS out of a trigger, since KEDA 2.21 would send an API key in clear text", () => {
    for (const name of queues)
      expect(Object.keys(triggersOf(name)[0].metadata).sort()).toEqual(
        ["activationTargetQueueSize", "endpoint", "namespace", "queueTypes", "targetQueueSize", "taskQueue"].sort(),
      );
  });

  it("gives the LLM key to both pools that use it, and each example secret to a pool", () => {
    const secretsOf = (each) => envFrom(each).flatMap(({ secretRef }) => secretRef ?? []);
    const [cpu, gpu, query, web] = deployments.map((each) => secretsOf(each).map(({ name }) => name));
    expect(cpu).toEqual(["winnow-s3", "winnow-temporal", "winnow-vectors", "winnow-llm"]);
    expect(gpu).toEqual(["winnow-s3", "winnow-temporal"]);
    expect(query).toEqual(cpu);
    expect(web).toEqual([...cpu, "winnow-web"]);
    const examples = objectsIn(read("secrets.example.yaml")).map(({ metadata }) => metadata.name);
    expect(examples.sort()).toEqual([...web, "winnow-payload-keys"].sort());
  });

  it("has settings that a worker accepts", () => {
    const lines = read("pools", "winnow.env").trim().split("\n");
    const config = readWorkerConfig(Object.fromEntries(lines.map((line) => line.split("="))));
    expect(config.temporal.address).toBe("temporal-frontend.temporal.svc.cluster.local:7233");
    expect(config.artifacts).toMatchObject({ bucket: "winnow", prefix: "artifacts", cacheBytes: 8 * 2 ** 30 });
    expect(config.health).toEqual({ host: "0.0.0.0", port: 8080 });
    const atZero = Object.values(scalers).filter(({ spec }) => spec.minReplicaCount === 0);
    expect(config.onDemand).toEqual(atZero.map(({ metadata }) => metadata.name));
  });

  it("has only checked components, and makes requested payload keys mandatory", () => {
    expect(readdirSync(join(root, "infra", "components")).sort()).toEqual([...BASE_OPTIONS, ...POOL_OPTIONS].sort());
    const [{ patch }] = parse(read("components", "payload-keys", "kustomization.yaml")).patches;
    expect(parse(patch)[0].value).toEqual({ secretRef: { name: "winnow-payload-keys" } });
  });
});

describe("infra/pools/web.yaml", () => {
  const [{ spec: deployed }, service, policy] = objectsIn(read("pools", "web.yaml"));
  const { terminationGracePeriodSeconds, containers } = deployed.template.spec;
  const [{ env, ports, lifecycle, readinessProbe, livenessProbe, args }] = containers;
  const given = Object.fromEntries(env.filter(({ value }) => value).map(({ name, value }) => [name, value]));
  const settings = read("pools", "winnow.env").trim().split("\n");

  it("starts the API with its token and its hosts, on the port that probes, service and policy name", () => {
    expect(args).toEqual(["http/main.ts"]);
    expect(envFrom({ spec: deployed })).toContainEqual({ secretRef: { name: "winnow-web" } });
    const secret = { WINNOW_HTTP_TOKENS: "a".repeat(16) };
    const { http } = readHttpConfig({
      ...Object.fromEntries(settings.map((line) => line.split("="))),
      ...given,
      ...secret,
    });
    expect(http).toMatchObject({ host: "0.0.0.0", port: ports[0].containerPort });
    expect(http.allowedHosts).toContain(`${service.metadata.name}.winnow.svc.cluster.local`);
    expect([readinessProbe.httpGet.path, livenessProbe.httpGet.path]).toEqual(["/readyz", "/healthz"]);
    expect(service.spec.ports[0].targetPort).toBe(ports[0].name);
    expect(policy.spec.ingress[0].ports).toEqual([{ port: ports[0].name, protocol: "TCP" }]);
    expect(deployed.template.metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels);
  });

  it("has time for a pause, a drain and the end of its compute processes before it is killed", () => {
    const pause = Number(lifecycle.preStop.exec.command[1]);
    const drain = Number(given.WINNOW_HTTP_DRAIN_SECONDS);
    expect(pause + drain + 5).toBeLessThanOrEqual(terminationGracePeriodSeconds);
  });

  it("has an ingress at an allowed host, which waits for answers and does not buffer streams", () => {
    const [{ metadata, spec }] = objectsIn(read("components", "ingress", "ingress.yaml"));
    const nginx = (name) => metadata.annotations[`nginx.ingress.kubernetes.io/${name}`];
    expect(nginx("proxy-buffering")).toBe("off");
    expect(Number(nginx("proxy-read-timeout"))).toBeGreaterThanOrEqual(600);
    expect(nginx("proxy-body-size")).toBe("16m");
    expect(settings.find((line) => line.startsWith("WINNOW_HTTP_ALLOWED_HOSTS="))).toContain(spec.rules[0].host);
  });
});

const shared = [
  { kind: "ServiceAccount", metadata: { name: "winnow" } },
  { kind: "PersistentVolumeClaim", metadata: { name: "docs" } },
  { kind: "NetworkPolicy", metadata: { name: "winnow" }, spec: { podSelector: { matchLabels: { app: "winnow" } } } },
  { kind: "Service", metadata: { name: "metrics" }, spec: { selector: { app: "winnow" } } },
];

/** One pool of a build, with the objects it needs. */
function pool(build) {
  const matchLabels = { app: "winnow", build };
  const name = `cpu-${build}`;
  const volumes = [{ persistentVolumeClaim: { claimName: "docs" } }, { emptyDir: {} }];
  const containers = [{ envFrom: [{ configMapRef: { name } }, { secretRef: { name: "s3" } }] }];
  const template = { metadata: { labels: matchLabels }, spec: { serviceAccountName: "winnow", volumes, containers } };
  return [
    { kind: "ConfigMap", metadata: { name } },
    { kind: "Deployment", metadata: { name }, spec: { selector: { matchLabels }, template } },
    { kind: "PodDisruptionBudget", metadata: { name }, spec: { selector: { matchLabels } } },
    { kind: "ScaledObject", metadata: { name }, spec: { scaleTargetRef: { name }, triggers: [{ type: "temporal" }] } },
  ];
}

describe("problemsOf", () => {
  const problems = (change) => {
    const builds = { a: pool("a"), b: pool("b") };
    change(builds.b);
    return problemsOf(shared, builds);
  };

  it("finds none in builds that stay apart", () => {
    expect(problems(() => {})).toEqual([]);
  });

  it("reports a scaler whose target has another name", () => {
    expect(
      problems((b) => {
        b[3].spec.scaleTargetRef.name = "cpu";
      }),
    ).toEqual(["b: there is no Deployment cpu", "b: Deployment cpu-b has 0 scalers"]);
  });

  it("reports an ingress without its service, and counts both kinds of scaler", () => {
    const backend = { service: { name: "web-b" } };
    expect(
      problems((b) => {
        b.push({ kind: "Ingress", metadata: { name: "b" }, spec: { rules: [{ http: { paths: [{ backend }] } }] } });
        b.push({
          kind: "HorizontalPodAutoscaler",
          metadata: { name: "b" },
          spec: { scaleTargetRef: { name: "cpu-b" } },
        });
      }),
    ).toEqual(["b: there is no Service web-b", "b: Deployment cpu-b has 2 scalers"]);
  });

  it("reports pods that selectors of two builds match", () => {
    expect(
      problems((b) => {
        for (const { spec } of b.slice(1, 3)) spec.selector = { matchLabels: { app: "winnow" } };
      }),
    ).toEqual([
      "pods of cpu-a are selected by 2 of kind Deployment",
      "pods of cpu-a are selected by 2 of kind PodDisruptionBudget",
    ]);
  });

  it("reports missing volumes, accounts, settings and credentials", () => {
    expect(
      problems((b) => {
        b[0].metadata.name = "other";
        b[1].spec.template.spec.serviceAccountName = "winnow-b";
        b[1].spec.template.spec.volumes[0].persistentVolumeClaim.claimName = "docs-b";
        b[3].spec.triggers[0].authenticationRef = { name: "key" };
      }),
    ).toEqual([
      "b: there is no ServiceAccount winnow-b",
      "b: there is no PersistentVolumeClaim docs-b",
      "b: there is no ConfigMap cpu-b",
      "b: there is no TriggerAuthentication key",
    ]);
  });

  it("reports replicas beside a scaler, a name in two builds, and pods outside the network policy", () => {
    expect(
      problems((b) => {
        b[0].metadata.name = "cpu-a";
        b[1].spec.replicas = 1;
        b[1].spec.template.spec.containers = [];
        b[1].spec.template.metadata.labels = { build: "b" };
        b[1].spec.selector = { matchLabels: { build: "b" } };
        b[2].spec.selector = { matchLabels: { build: "b" } };
      }),
    ).toEqual([
      "b: Deployment cpu-b has replicas, which each apply would reset",
      "ConfigMap cpu-a is in a and b",
      "pods of cpu-b are selected by 0 of kind NetworkPolicy",
      "pods of cpu-b are selected by 0 of kind Service",
    ]);
  });
});

describe("infra/components/alerts", () => {
  const [{ spec }] = objectsIn(read("components", "alerts", "rules.yaml"));
  const rules = spec.groups.flatMap(({ rules }) => rules);

  it("use only metrics of the dashboard, which a test scrapes from real workers", () => {
    const names = (text) => text.match(/\b(winnow|temporal)_[a-z_]+/g);
    const known = new Set(names(read("grafana", "winnow.json")));
    expect(rules).toHaveLength(4);
    for (const { alert, expr } of rules) for (const name of names(expr)) expect(known, alert).toContain(name);
  });

  it("describe the problem and its severity", () => {
    for (const { labels, annotations } of rules) {
      expect(["warning", "critical"]).toContain(labels.severity);
      expect(annotations.summary).toMatch(/^[A-Z].*\.$/);
    }
  });
});
