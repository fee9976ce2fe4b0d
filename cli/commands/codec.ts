import { once } from "node:events";
import { WinnowError } from "../../core/base/errors.ts";
import { serveCodec } from "../codecServer.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";

export interface CodecOptions {
  host: string;
  port: number;
  uiOrigin: string[];
}

/** Decrypts payloads for the Web UI and the `temporal` command until Ctrl-C. Throws BadInput without keys. */
export async function codecCommand(config: CliConfig, io: Io, options: CodecOptions): Promise<void> {
  const { payloadKeys } = config;
  if (!payloadKeys)
    throw new WinnowError(
      "BadInput",
      "WINNOW_PAYLOAD_KEYS is not set: payloads are not encrypted, there is nothing to decode",
    );
  const server = await serveCodec(payloadKeys, { ...options, origins: options.uiOrigin });
  const url = `http://${options.host}:${options.port}`;
  io.log(
    `Codec endpoint at ${url}, keys ${[...payloadKeys.keys.keys()].join(", ")}; whoever reaches it reads payloads.`,
  );
  io.log(
    `temporal workflow show --codec-endpoint ${url} ...; in the Web UI: the glasses at the top, for ${options.uiOrigin.join(", ")}`,
  );
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  server.close();
  server.closeAllConnections();
}
