import { serveCodec } from "../../client/codecServer.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { WinnowError } from "../../core/base/errors.ts";
import type { Io } from "../io.ts";

export interface CodecOptions {
  host: string;
  port: number;
  uiOrigin: string[];
}

/** `winnow codec`: decrypts payloads for the Web UI and the `temporal` command until Ctrl-C. */
export async function codecCommand(
  { payloadKeys }: Pick<CliConfig, "payloadKeys">,
  io: Io,
  { host, port, uiOrigin }: CodecOptions,
): Promise<void> {
  if (!payloadKeys)
    throw new WinnowError(
      "BadInput",
      "WINNOW_PAYLOAD_KEYS is not set: payloads are not encrypted, so there is nothing to decode",
    );
  const server = await serveCodec(payloadKeys, { host, port, origins: uiOrigin });
  const url = `http://${host}:${port}`;
  io.log(
    `Codec endpoint at ${url}, keys ${[...payloadKeys.keys.keys()].join(", ")}; anyone who reaches it can read payloads.`,
  );
  io.log(
    `temporal workflow show --codec-endpoint ${url} ...; in the Web UI: the glasses at the top, for ${uiOrigin.join(", ")}`,
  );
  await io.interrupts.wait();
  server.close();
  server.closeAllConnections();
}
