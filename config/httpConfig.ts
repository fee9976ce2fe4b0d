import { type CliConfig, readCliConfig } from "./cliConfig.ts";
import { readingOf } from "./reading.ts";
import type { Environment } from "./schema.ts";
import { HTTP_ALLOWED_HOSTS, HTTP_HOST, HTTP_PORT, type HttpSettings, readHttp } from "./settings/http.ts";
import { LOG_LEVEL } from "./settings/listening.ts";

/** Everything the API's process reads from its environment. */
export interface HttpConfig extends CliConfig {
  http: HttpSettings;
  logLevel: string;
}

/** Reads the environment of the API's process. Throws BadInput, which names the variable and the expected value. */
export function readHttpConfig(env: Environment = process.env): HttpConfig {
  const reading = readingOf(env);
  return { ...readCliConfig(env), http: readHttp(reading), logLevel: reading.get(LOG_LEVEL) };
}

/** Options of the command line that stand before the environment. */
export interface HttpOptions {
  port?: number;
  host?: string;
  allowedHosts?: string;
}

/** The configuration for a command that serves the API, with its options in the environment. Throws BadInput. */
export function withHttp(config: CliConfig, { port, host, allowedHosts }: HttpOptions = {}): CliConfig {
  const given = {
    ...(port === undefined ? {} : { [HTTP_PORT.name]: `${port}` }),
    ...(host === undefined ? {} : { [HTTP_HOST.name]: host }),
    ...(allowedHosts === undefined ? {} : { [HTTP_ALLOWED_HOSTS.name]: allowedHosts }),
  };
  const env = { ...config.env, ...given };
  readHttp(readingOf(env));
  return { ...config, env };
}
