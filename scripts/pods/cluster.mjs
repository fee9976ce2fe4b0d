// What the checks ask of the API server.
import { create, pathOf, send } from "../infra/apiServer.mjs";
import { until } from "../infra/processes.mjs";

export const NAMESPACE = "winnow";
const MERGE = "application/merge-patch+json";

/** A cluster by its API. */
export class Cluster {
  constructor(api) {
    this.api = api;
  }

  create(objects) {
    return create(this.api, objects);
  }

  async get(path) {
    const { status, body } = await send(this.api, "GET", path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.message}`);
    return body;
  }

  async patch(path, change) {
    const { status, body } = await send(this.api, "PATCH", path, change, MERGE);
    if (status !== 200) throw new Error(`PATCH ${path}: ${status} ${body.message}`);
    return body;
  }

  deployment(name) {
    return `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}`;
  }

  /** Pods of a component that are not being deleted, by name. */
  async pods(component) {
    const selector = encodeURIComponent(`app.kubernetes.io/component=${component}`);
    const { items } = await this.get(`/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${selector}`);
    return items.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  async log(path) {
    const { body } = await send(this.api, "GET", `${path}/log`);
    return typeof body.message === "string" ? body.message : JSON.stringify(body);
  }

  /** Waits for `count` ready pods of a component. Throws with what its pods report. */
  async ready(component, count = 1, seconds = 180) {
    try {
      await until(
        `${count} ready pods of ${component}`,
        async () => (await this.pods(component)).filter(isReady).length === count,
        seconds,
      );
    } catch (error) {
      throw new Error(`${error.message}\n${await this.describe(component)}`);
    }
  }

  async describe(component) {
    const pods = await this.pods(component);
    const parts = await Promise.all(
      pods.map(async ({ metadata, status }) => {
        const { phase, conditions, containerStatuses } = status;
        const events = await this.events(metadata.name);
        return JSON.stringify({ name: metadata.name, phase, conditions, containerStatuses, events }).slice(0, 4000);
      }),
    );
    return parts.join("\n");
  }

  /** What the cluster's parts report of a pod of Winnow's namespace. */
  async events(name) {
    const selector = encodeURIComponent(`involvedObject.name=${name}`);
    const { items } = await this.get(`/api/v1/namespaces/${NAMESPACE}/events?fieldSelector=${selector}`);
    return items.map(({ reason, message, count = 1 }) => `${reason} (${count}): ${message}`);
  }

  /** Deletes a pod as `kubectl delete` does. Returns the seconds until it is gone. */
  async deletePod(name) {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}`;
    const started = Date.now();
    const { status, body } = await send(this.api, "DELETE", path);
    if (status !== 200) throw new Error(`DELETE ${name}: ${status} ${body.message}`);
    await until(`${name} is gone`, async () => (await send(this.api, "GET", path)).status === 404);
    return (Date.now() - started) / 1000;
  }

  /** Asks for an eviction, as a drain of the node does. Returns the status: 201, or 429 where a budget forbids it. */
  async evict(name) {
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: NAMESPACE } };
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`;
    return (await send(this.api, "POST", path, eviction)).status;
  }

  /** Starts a pod that ends by itself. Returns a function that waits for its end: {phase, log}. */
  async start(pod) {
    const { name } = pod.metadata;
    await this.create([pod]);
    const path = `${await pathOf(this.api, pod)}/${name}`;
    return async (seconds = 600) => {
      let phase = "";
      const ended = async () => {
        phase = (await this.get(path)).status.phase;
        return phase === "Succeeded" || phase === "Failed";
      };
      await until(`the pod ${name} ends`, ended, seconds).catch(async (error) => {
        throw new Error(
          `${error.message}: ${phase}, ${await this.events(name)}, ${(await this.log(path)).slice(-2000)}`,
        );
      });
      return { phase, log: await this.log(path) };
    };
  }
}

export const isReady = ({ status }) =>
  status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true;
