import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../setup/paths.mjs";

const POLL_MS = 500;
const UNITS = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Services of docker-compose.yml, with `values` in place of its variables. */
export function readServices(values = {}, text = readFileSync(join(root, "docker-compose.yml"), "utf8")) {
  const { services } = parse(text, { merge: true });
  const read = JSON.parse(JSON.stringify(services), (_key, value) =>
    typeof value === "string" ? filled(value, values) : value,
  );
  // A variable without a value is taken from the surroundings.
  for (const { environment = {} } of Object.values(read))
    for (const name of Object.keys(environment)) environment[name] ??= values[name] ?? null;
  return read;
}

/** ${NAME:-usual} and $$, by the rules of compose. */
function filled(text, values) {
  return text.replace(/\$\$|\$\{(\w+)(?::-([^}]*))?\}/g, (found, name, usual = "") =>
    found === "$$" ? "$" : values[name] || usual,
  );
}

/** What an engine needs to start a service's container; `more` overrides. */
export function specOf(name, service, { volumes, image, folder = root, ...more }) {
  const environment = Object.entries(service.environment ?? {}).filter(([, value]) => value !== null);
  return {
    image,
    alias: name,
    entrypoint: service.entrypoint,
    command: service.command,
    environment: Object.fromEntries(environment.map(([key, value]) => [key, `${value}`])),
    readOnly: service.read_only === true,
    tmpfs: (service.tmpfs ?? []).map(tmpfsOf),
    mounts: (service.volumes ?? []).map((line) => mountOf(line, volumes, folder)),
    ...more,
  };
}

function tmpfsOf(line) {
  const [, target, amount, unit] = /^([^:]+):size=(\d+)([kmg])/.exec(line);
  return { target, bytes: Number(amount) * UNITS[unit] };
}

function mountOf(line, volumes, folder) {
  const [source, target, mode] = line.split(":");
  return { source: volumes[source] ?? join(folder, source), target, readOnly: mode === "ro" };
}

/** Names of the volumes that services keep state in. */
export function volumeNames(services) {
  const lines = Object.values(services).flatMap(({ volumes = [] }) => volumes);
  return [...new Set(lines.map((line) => line.split(":")[0]).filter((source) => /^\w/.test(source)))];
}

/** The command of a health check, as the engine runs it. */
export function healthCommand(test) {
  const [kind, ...words] = test;
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", words[0]] : words;
}

/** Starts services in compose's order, each once. */
export class Stack {
  containers = new Map();
  #starting = new Map();

  constructor(engine, services, { network, volumes, images }) {
    Object.assign(this, { engine, services, network, volumes, images });
  }

  /** Starts a service after those it depends on. Returns its container. */
  up(name) {
    if (!this.#starting.has(name)) this.#starting.set(name, this.#start(name));
    return this.#starting.get(name);
  }

  async #start(name) {
    for (const [needed, { condition }] of Object.entries(this.services[name].depends_on ?? {})) {
      await this.up(needed);
      if (condition === "service_healthy") await this.healthy(needed);
      if (condition === "service_completed_successfully") await this.completed(needed);
    }
    const container = await this.engine.start(this.#spec(name));
    this.containers.set(name, container);
    return container;
  }

  #spec(name, more) {
    const { network, volumes, images, services } = this;
    return specOf(name, services[name], { network, volumes, image: images(services[name].image), ...more });
  }

  /** Waits until the health check passes. Throws if the container ends first or after `seconds`. */
  async healthy(name, seconds = 180) {
    const container = this.containers.get(name);
    const test =
      this.services[name].healthcheck?.test ??
      (await this.engine.inspect(this.images(this.services[name].image))).health;
    const command = healthCommand(test);
    const started = Date.now();
    let last = "";
    while (Date.now() - started < seconds * 1000) {
      if (!container.running()) throw new Error(`${name} ended: ${container.output().slice(-2000)}`);
      const { code, output } = await container.exec(command);
      if (code === 0) return;
      last = output;
      await new Promise((settle) => setTimeout(settle, POLL_MS));
    }
    throw new Error(`${name} is not healthy after ${seconds} s: ${last} ${container.output().slice(-2000)}`);
  }

  async completed(name) {
    const { code } = await this.containers.get(name).exited;
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${this.containers.get(name).output().slice(-2000)}`);
  }

  /** Runs a service once with a command, like `docker compose run --rm`. Returns exit code and output. */
  async once(name, command, more = {}) {
    const container = await this.engine.start({ ...this.#spec(name, more), alias: undefined, command });
    const { code } = await container.exited;
    const result = { code, stdout: container.stdout(), output: container.output() };
    await container.remove();
    return result;
  }

  /** Removes a service's container, so that it can be started again. */
  async remove(name) {
    await this.containers.get(name)?.remove();
    this.containers.delete(name);
    this.#starting.delete(name);
  }

  async down() {
    await Promise.allSettled(this.#starting.values());
    for (const name of [...this.containers.keys()].reverse()) await this.remove(name);
  }
}
