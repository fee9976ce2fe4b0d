// The seam "how an image is built and run". A row is an object of:
//   name                             for messages
//   unusable()                       null, or why it cannot be used on this machine
//   prepare(base)                    makes the base image available under its name
//   build({file, target, tag, context, args})
//   foreign(image, base)             makes an image of others available; returns the name to start it by
//   inspect(tag)                     {user, health, layers: [{by, bytes}]}; `by` is the instruction of the layer
//   network(names)                   a network without the outside world, with names; stop() removes it
//   volume()                         {source, remove()}: an empty volume that belongs to the image's user
//   start({image, alias, entrypoint, command, environment, readOnly, tmpfs, mounts, network})
//                                    a container: exited, running(), output(), stdout(), signal(), exec(), remove()
//   remove(tag)                      removes an image
import { buildah } from "./buildah.mjs";
import { docker, podman } from "./docker.mjs";

export const ENGINES = [docker, podman, buildah];

/** The first engine that works here, or the one named. Throws with the reason of each if there is none. */
export async function chooseEngine(name) {
  const reasons = [];
  for (const engine of ENGINES.filter((row) => !name || row.name === name)) {
    const reason = await engine.unusable();
    if (reason === null) return engine;
    reasons.push(`${engine.name}: ${reason}`);
  }
  throw new Error(`No engine can build and run images here.\n${reasons.join("\n")}`);
}
