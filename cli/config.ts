export { type CliConfig, computeOptions, readCliConfig as readConfig, temporalBinary } from "../config/cliConfig.ts";
export { projectRoot } from "../config/read.ts";
