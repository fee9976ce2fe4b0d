// Images and containers by a Docker or Podman daemon. Base and foreign images come from their registry.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { run, tail } from "../setup/run.mjs";
import { capture, collect, runToEnd } from "./capture.mjs";

export const docker = engineOf("docker");
export const podman = engineOf("podman");

function engineOf(program) {
  const command = (...args) => capture(program, args);
  return {
    name: program,

    async unusable() {
      const { code, output } = await run(program, ["info"], { timeout: 20_000 });
      return code === 0 ? null : code === 127 ? "not installed" : tail(output, 1);
    },

    /** Building pulls the base. */
    async prepare() {},

    async build({ file, target, tag, context, args = {} }) {
      const values = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
      await command("build", "-f", file, "--target", target, "-t", tag, ...values, context);
    },

    async foreign(image) {
      await command("pull", image);
      return image;
    },

    async inspect(tag) {
      const [{ Config: config }] = JSON.parse(await command("image", "inspect", tag));
      const history = await command(
        "history",
        "--no-trunc",
        "--human=false",
        "--format",
        "{{.Size}} {{.CreatedBy}}",
        tag,
      );
      const layers = history
        .split("\n")
        .reverse()
        .map((line) => ({
          bytes: Number(line.slice(0, line.indexOf(" "))),
          by: line.slice(line.indexOf(" ") + 1),
        }));
      return { user: config.User, health: config.Healthcheck?.Test, layers: layers.filter(({ bytes }) => bytes > 0) };
    },

    async network() {
      const name = `winnow-${randomUUID().slice(0, 8)}`;
      await command("network", "create", "--internal", name);
      return { name, stop: () => command("network", "rm", name) };
    },

    async volume() {
      const source = await command("volume", "create");
      return { source, remove: () => command("volume", "rm", source) };
    },

    start: async (spec) => startContainer(program, command, spec),

    remove: (tag) => command("image", "rm", tag).catch(() => {}),
  };
}

function startContainer(program, command, spec) {
  const name = `winnow-${randomUUID().slice(0, 8)}`;
  const child = spawn(program, ["run", "--name", name, ...optionsOf(spec)], { stdio: ["ignore", "pipe", "pipe"] });
  const kept = collect(child);
  let over = false;
  const exited = new Promise((settle) =>
    child.once("close", (code) => {
      over = true;
      settle({ code });
    }),
  );
  return {
    exited,
    running: () => !over,
    output: () => kept.stdout() + kept.stderr(),
    stdout: kept.stdout,
    signal: (signal) => command("kill", "--signal", signal, name),
    exec: (words) => runToEnd(program, ["exec", name, ...words]),
    async remove() {
      await command("rm", "--force", "--volumes", name).catch(() => {});
      await exited;
    },
  };
}

/** Options, image and command of `docker run`. */
export function optionsOf({
  image,
  alias,
  entrypoint,
  command,
  environment = {},
  readOnly,
  tmpfs = [],
  mounts = [],
  network,
}) {
  const unprivileged = readOnly ? ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"] : [];
  return [
    ...unprivileged,
    ...(network ? ["--network", network.name] : []),
    ...(alias ? ["--network-alias", alias, "--hostname", alias] : []),
    ...tmpfs.flatMap(({ target, bytes }) => ["--tmpfs", `${target}:size=${bytes},mode=1777`]),
    ...mounts.flatMap(({ source, target, readOnly: ro }) => ["-v", `${source}:${target}${ro ? ":ro" : ""}`]),
    ...Object.entries(environment).flatMap(([key, value]) => ["-e", `${key}=${value}`]),
    ...(entrypoint ? ["--entrypoint", entrypoint[0]] : []),
    image,
    ...(entrypoint ?? []).slice(1),
    ...(command ?? []),
  ];
}
