import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../base/errors.ts";
import { loadLlama, probe } from "./llama.ts";
import type { LocalReply, LocalStart } from "./protocol.ts";
import { createLocalServer } from "./server.ts";

// The process of a local model. It ends with its parent, even one that was killed, and at once: nothing needs saving.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
if (!process.connected) process.exit(1);
// A terminal sends Ctrl-C to every process of it. The parent decides when this one ends.
process.on("SIGINT", () => {});

process.once("message", (start: LocalStart) => {
  serve(start).catch((error) => {
    reply({ type: "failed", reason: messageOf(error) });
    process.exit(1);
  });
});

async function serve(start: LocalStart): Promise<void> {
  if (start.sha256 !== null && (await digestOf(start.file)) !== start.sha256)
    throw new Error(`${start.file} does not have its pinned SHA-256: remove it and start again`);
  const model = await loadLlama(start);
  const speed = await probe(model);
  const server = createLocalServer({ model, name: start.model, token: start.token, speed });
  await new Promise<void>((settle, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", settle);
  });
  reply({ type: "ready", port: (server.address() as AddressInfo).port, ...speed });
}

function reply(message: LocalReply): void {
  process.send?.(message);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
