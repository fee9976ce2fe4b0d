import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Connection } from "@temporalio/client";
import { SEARCH_ATTRIBUTES } from "../../contracts/names.ts";
import { kill } from "../faults/harness.ts";
import { freePort } from "../ports.ts";
import { listening, startPostgres } from "./postgres.ts";

const SET_UP = fileURLToPath(new URL("../../scripts/setup/temporalServer.mjs", import.meta.url));
const SERVICES = ["history", "matching", "frontend", "worker"] as const;
type Service = (typeof SERVICES)[number];
type Ports = Record<Service, { grpc: number; membership: number }>;

const KEYWORD = 2;
const DOUBLE = 4;
const DAY_SECONDS = 86_400;

/** A Temporal server on PostgreSQL, with one process for each of its four services. */
export interface Cluster {
  address: string;
  folder: string;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const programs = JSON.parse(execFileSync(process.execPath, [SET_UP], { encoding: "utf8" }));
  const folder = mkdtempSync(join(tmpdir(), "winnow-cluster-"));
  const database = await freePort();
  const stopPostgres = await startPostgres(programs.postgres, `${folder}-pg`, database);
  const children: ChildProcess[] = [];
  const stop = async () => {
    await Promise.all(children.map((child) => kill(child, "SIGKILL")));
    await stopPostgres();
    for (const place of [folder, `${folder}-pg`]) rmSync(place, { recursive: true, force: true });
  };
  try {
    for (const name of ["temporal", "temporal_visibility"]) createSchema(programs, name, database);
    const ports = await choosePorts();
    mkdirSync(join(folder, "config"));
    writeFileSync(join(folder, "config", "cluster.yaml"), JSON.stringify(configuration(ports, database)));
    for (const service of SERVICES) {
      const log = openSync(join(folder, `${service}.log`), "w");
      const args = ["--root", folder, "--config", "config", "--env", "cluster", "start", "--service", service];
      const child = spawn(programs.server, args, { cwd: folder, stdio: ["ignore", log, log] });
      children.push(child);
      // The worker service accepts no calls.
      if (service === "worker") continue;
      await listening(ports[service].grpc, child, () =>
        readFileSync(join(folder, `${service}.log`), "utf8").slice(-2000),
      );
    }
    const address = `127.0.0.1:${ports.frontend.grpc}`;
    await registerNamespace(address);
    return { address, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createSchema({ sql, schema }: { sql: string; schema: string }, name: string, port: number): void {
  const versions = join(schema, name === "temporal" ? "temporal" : "visibility", "versioned");
  const place = ["--plugin", "postgres12", "--ep", "127.0.0.1", "-p", `${port}`, "-u", "temporal", "--db", name];
  for (const step of [["create"], ["setup-schema", "-v", "0.0"], ["update-schema", "-d", versions]])
    execFileSync(sql, [...place, ...step], { stdio: "pipe" });
}

/** The server keeps a membership port in a signed 16-bit column. */
async function choosePorts(): Promise<Ports> {
  const ports: Partial<Ports> = {};
  let membership = 20_000 + (process.pid % 10_000);
  for (const service of SERVICES) ports[service] = { grpc: await freePort(), membership: membership++ };
  return ports as Ports;
}

function configuration(ports: Ports, database: number): object {
  const store = (databaseName: string) => ({
    sql: {
      pluginName: "postgres12",
      databaseName,
      connectAddr: `127.0.0.1:${database}`,
      connectProtocol: "tcp",
      user: "temporal",
      password: "",
      maxConns: 10,
    },
  });
  const services = SERVICES.map((service) => {
    const { grpc: grpcPort, membership: membershipPort } = ports[service];
    return [service, { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } }];
  });
  const rpcAddress = `127.0.0.1:${ports.frontend.grpc}`;
  return {
    log: { stdout: true, level: "warn" },
    persistence: {
      defaultStore: "main",
      visibilityStore: "visibility",
      numHistoryShards: 4,
      datastores: { main: store("temporal"), visibility: store("temporal_visibility") },
    },
    global: { membership: { maxJoinDuration: "30s", broadcastAddress: "127.0.0.1" } },
    services: Object.fromEntries(services),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: "active",
      currentClusterName: "active",
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: "frontend", rpcAddress },
      },
    },
    publicClient: { hostPort: rpcAddress },
  };
}

/**
 * Registers the namespace and search attributes that a dev server has from its start. They are known everywhere after
 * some seconds.
 */
async function registerNamespace(address: string): Promise<void> {
  const connection = await until(() => Connection.connect({ address, connectTimeout: 2000 }));
  const namespace = "default";
  const retention = { seconds: DAY_SECONDS as never };
  await until(() =>
    connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention })
      .catch((error) => {
        if (!/already exists|already registered/i.test(String(error?.details ?? error))) throw error;
      }),
  );
  await until(() => connection.workflowService.describeNamespace({ namespace }));
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, type === "Double" ? DOUBLE : KEYWORD]),
  );
  await until(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  await connection.close();
}

async function until<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 120_000; ; ) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((settle) => setTimeout(settle, 1000));
    }
  }
}
