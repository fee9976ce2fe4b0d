// A container without a container engine, by bubblewrap: own mounts, processes and network, the root read-only unless
// asked otherwise, no capabilities for an unprivileged user. There are no cgroups, so nothing limits memory.
import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { capture, collect, runToEnd } from "./capture.mjs";

const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SUBNET = "10.213.77";

/**
 * A network that reaches nothing outside. Each of `names` has an address of its own, which all containers know. Other
 * containers get addresses too.
 */
export async function startNetwork(names) {
  const folder = await mkdtemp(join(tmpdir(), "winnow-network-"));
  const hosts = join(folder, "hosts");
  const addresses = new Map(names.map((name, index) => [name, `${SUBNET}.${index + 2}`]));
  let next = names.length + 2;
  const lines = [...addresses].map(([name, address]) => `${address} ${name}`);
  await writeFile(hosts, `127.0.0.1 localhost\n${lines.join("\n")}\n`);
  const holder = spawn("unshare", ["--net", "--kill-child", "sleep", "infinity"], { stdio: "ignore" });
  const ip = (pid, args) => capture("nsenter", ["-t", `${pid}`, "-n", "ip", ...args.split(" ")]);
  const ours = await capture("readlink", ["/proc/self/ns/net"]);
  while ((await capture("readlink", [`/proc/${holder.pid}/ns/net`])) === ours)
    await new Promise((settle) => setTimeout(settle, 10));
  await ip(holder.pid, "link add name bridge0 type bridge");
  await ip(holder.pid, "link set bridge0 up");
  return {
    hosts,
    async attach(pid, alias) {
      const link = `v${next}`;
      const address = addresses.get(alias) ?? `${SUBNET}.${next}`;
      next++;
      // A service started again has its old hardware address, which others remember.
      const hardware = `02:00:${address
        .split(".")
        .map((part) => Number(part).toString(16).padStart(2, "0"))
        .join(":")}`;
      await ip(holder.pid, `link add name ${link} type veth peer name eth0 address ${hardware} netns ${pid}`);
      await ip(holder.pid, `link set ${link} master bridge0 up`);
      await ip(pid, `addr add ${address}/24 dev eth0`);
      await ip(pid, "link set eth0 up");
    },
    async stop() {
      holder.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Functions that kill the running containers, so that none outlives this process. */
const running = new Set();
process.once("exit", () => {
  for (const kill of running) kill();
});

/** Starts a container over an unpacked image. Its first process has number 1, as in Kubernetes. */
export async function startSandbox(spec) {
  const { rootfs, config, network, alias, remove } = spec;
  const env = environmentOf(config, spec.environment);
  for (const mount of spec.mounts ?? []) prepareMount(rootfs, mount);
  for (const file of ["etc/hosts", "etc/resolv.conf"])
    if (!existsSync(join(rootfs, file))) writeFileSync(join(rootfs, file), "");
  const args = [...isolation(spec), ...asUser(config.user), ...commandOf(config, spec)];
  const child = spawn("bwrap", args, { env, stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] });
  const kept = collect(child);
  let over = null;
  const exited = new Promise((settle) =>
    child.once("close", (code) => {
      over = { code };
      settle(over);
    }),
  );
  const pid = await firstProcess(child.stdio[3], exited);
  const kill = () => pid && over === null && signalTo(pid, "SIGKILL");
  running.add(kill);
  if (pid) await network?.attach(pid, alias);
  child.stdio[4].on("error", () => {}).end("go");
  if (pid) await isInside(pid, () => over !== null);
  return {
    exited,
    running: () => over === null,
    output: () => kept.stdout() + kept.stderr(),
    stdout: kept.stdout,
    signal: async (name) => signalTo(pid, name),
    exec: (command) => enter(pid, config.user, env, command),
    async remove() {
      kill();
      await exited;
      running.delete(kill);
      await remove();
    },
  };
}

function environmentOf({ env = [] }, given = {}) {
  const own = Object.fromEntries(
    env.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  return { PATH: USUAL_PATH, HOME: "/", ...own, ...given };
}

/** A new volume gets the owner of its mount point in the image. */
function prepareMount(rootfs, { source, target, readOnly }) {
  const place = join(rootfs, target);
  if (statSync(source).isDirectory()) mkdirSync(place, { recursive: true });
  else if (!existsSync(place)) {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, "");
  }
  if (readOnly || !statSync(source).isDirectory() || readdirSync(source).length > 0) return;
  const { uid, gid } = statSync(place);
  chownSync(source, uid, gid);
}

function isolation({ rootfs, config, network, alias, mounts = [], readOnly = true, tmpfs = [] }) {
  const own = [
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-net",
    "--as-pid-1",
    "--die-with-parent",
    "--hostname",
    alias ?? "cli",
  ];
  const root = [readOnly ? "--ro-bind" : "--bind", rootfs, "/", "--dev", "/dev", "--proc", "/proc"];
  const scratch = tmpfs.flatMap(({ target, bytes }) => ["--perms", "1777", "--size", `${bytes}`, "--tmpfs", target]);
  const binds = mounts.flatMap(({ source, target, readOnly }) => [readOnly ? "--ro-bind" : "--bind", source, target]);
  const names = network ? ["--ro-bind", network.hosts, "/etc/hosts"] : [];
  const folder = ["--chdir", config.folder || "/"];
  return [...own, ...root, ...scratch, ...binds, ...names, ...folder, "--info-fd", "3", "--block-fd", "4"];
}

/** The image's user, given by number. */
function asUser(user) {
  if (!user) return [];
  const [uid, gid = uid] = user.split(":");
  const nothing = ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, ...nothing, "--"];
}

/** A given entry point also drops the image's command, as in an engine. */
function commandOf(config, { entrypoint, command }) {
  return [...(entrypoint ?? config.entrypoint ?? []), ...(command ?? (entrypoint ? [] : (config.cmd ?? [])))];
}

/** Number of the container's first process, or null if it could not be started. */
function firstProcess(stream, exited) {
  const found = new Promise((settle) => {
    let text = "";
    // Read to its end: bubblewrap writes more, and would die of a closed pipe.
    stream.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const number = /"child-pid": (\d+)/.exec(text)?.[1];
      if (number) settle(Number(number));
    });
  });
  return Promise.race([found, exited.then(() => null)]);
}

/** Resolves once the first process is the container's own: before, it still sees the machine's files. */
async function isInside(pid, over) {
  const program = () => readlinkSync(`/proc/${pid}/exe`);
  try {
    while (!over() && program().endsWith("/bwrap")) await new Promise((settle) => setTimeout(settle, 10));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function signalTo(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Runs a command inside a running container, as its user. */
function enter(pid, user, env, command) {
  const spaces = ["-t", `${pid}`, "-m", "-p", "-n", "-i", "-u", "-r", "-w"];
  return runToEnd("nsenter", [...spaces, ...asUser(user), ...command], { env });
}
