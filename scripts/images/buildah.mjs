// Images by Buildah with chroot isolation, containers by bubblewrap: for a Linux machine without a container engine,
// as root. Debian has both, and debootstrap for the base image.
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache } from "../setup/paths.mjs";
import { run } from "../setup/run.mjs";
import { provideBase } from "./base.mjs";
import { capture } from "./capture.mjs";
import { buildEqual } from "./equals.mjs";
import { startNetwork, startSandbox } from "./sandbox.mjs";

const PROGRAMS = ["buildah", "debootstrap", "bwrap", "nsenter", "unshare"];
const storage = join(cache, "images", "storage");

/** The seam's row: see engines.mjs. */
export const buildah = {
  name: "buildah",

  async unusable() {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs Linux and root";
    const missing = [];
    for (const name of PROGRAMS) if ((await run(name, ["--version"])).code === 127) missing.push(name);
    return missing.length > 0
      ? `missing: ${missing.join(", ")} (apt-get install buildah debootstrap bubblewrap)`
      : null;
  },

  prepare: (base) => provideBase(command, base),

  async build({ file, target, tag, context, args = {} }) {
    const values = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const options = ["--isolation", "chroot", "--pull-never", "--layers", "-f", file, "--target", target, "-t", tag];
    await command(["bud", ...options, ...values, context]);
  },

  foreign: (image, base) => buildEqual(buildah.build, image, base),

  async inspect(tag) {
    const { OCIv1: image, Docker: docker } = JSON.parse(await command(["inspect", "--type", "image", tag]));
    const sizes = layerSizes();
    const digests = [...image.rootfs.diff_ids];
    const layers = image.history
      .filter(({ empty_layer: empty }) => !empty)
      .map(({ created_by: by = "" }) => ({ by, bytes: sizes.get(digests.shift()) ?? 0 }));
    const { Entrypoint: entrypoint, Cmd: cmd, Env: env, User: user, WorkingDir: folder } = image.config;
    return { entrypoint, cmd, env, user, folder, health: docker.config.Healthcheck?.Test, layers };
  },

  /** A network without the outside world, in which services have names. */
  network: startNetwork,

  /** A folder that belongs to the image's user, as an engine makes a new volume. */
  async volume() {
    const folder = await mkdtemp(join(tmpdir(), "winnow-volume-"));
    return { source: folder, remove: () => rm(folder, { recursive: true, force: true }) };
  },

  async start(spec) {
    const image = await this.inspect(spec.image);
    const container = await command(["from", "--pull-never", spec.image]);
    const rootfs = await command(["mount", container]);
    const remove = async () => void (await command(["rm", container]));
    try {
      return await startSandbox({ ...spec, rootfs, config: image, remove });
    } catch (error) {
      await remove();
      throw error;
    }
  },

  /** Writes an image into an archive that other engines import. */
  async save(tag, file) {
    await command(["push", tag, `docker-archive:${file}:${tag}`]);
  },

  async remove(tag) {
    await command(["rmi", tag]).catch(() => {});
  },
};

async function command(args) {
  await mkdir(storage, { recursive: true });
  const options = ["--storage-driver", "overlay", "--root", storage, "--runroot", join(storage, "run")];
  const env = { ...process.env, BUILDAH_FORMAT: "docker" };
  return capture("buildah", [...options, ...args], { env });
}

/** Unpacked bytes by the digest of a layer. */
function layerSizes() {
  const file = join(storage, "overlay-layers", "layers.json");
  if (!existsSync(file)) return new Map();
  const layers = JSON.parse(readFileSync(file, "utf8"));
  return new Map(layers.map(({ "diff-digest": digest, "diff-size": bytes }) => [digest, bytes]));
}
