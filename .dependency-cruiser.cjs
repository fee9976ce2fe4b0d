/** Import rules, made from architecture.json: a room imports only rooms on floors before its own. Tests may reach further. */
const { floors } = require("./architecture.json");

const TEST = "(\\.test\\.tsx?$|/testing/)";
const rooms = floors.flatMap((floor, level) => floor.map((entry) => ({ ...entry, level })));
const below = (names) => `^(${names.join("|")})/`;
const names = rooms.map(({ room }) => room);
const PRODUCT = below(names);

/** What a room may not import: its own floor's other rooms, and all floors after it. */
function order({ room, level }) {
  const forbidden = rooms.filter((other) => other.level >= level && other.room !== room).map((other) => other.room);
  return {
    name: `order-of-${room.replace("/", "-")}`,
    comment: "a room imports only rooms on floors before its own (architecture.json)",
    severity: "error",
    from: { path: below([room]), pathNot: TEST },
    to: { path: below(forbidden) },
  };
}

/** A room that takes values from some rooms only, and types from the others before it. */
function typesOnly({ room, values }) {
  const others = names.filter((name) => name !== room && !values.includes(name));
  return {
    name: `types-only-into-${room.replace("/", "-")}`,
    severity: "error",
    from: { path: below([room]), pathNot: TEST },
    to: { path: below(others), dependencyTypesNot: ["type-only"] },
  };
}

function never({ room, never: forbidden }) {
  return {
    name: `kept-out-of-${room.replace("/", "-")}`,
    severity: "error",
    from: { path: below([room]), pathNot: TEST },
    to: { path: below(forbidden), dependencyTypesNot: ["type-only"] },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", comment: "type imports included", severity: "error", from: {}, to: { circular: true } },
    ...rooms.map(order),
    ...rooms.filter(({ values }) => values).map(typesOnly),
    ...rooms.filter((room) => room.never).map(never),
    {
      name: "contracts-stand-alone",
      severity: "error",
      from: { path: "^contracts/", pathNot: TEST },
      to: { pathNot: "^contracts/|node_modules/zod" },
    },
    {
      name: "core-knows-no-temporal",
      severity: "error",
      from: { path: "^core/" },
      to: { path: "@temporalio" },
    },
    {
      name: "workflows-are-deterministic",
      comment: "no validation library in the bundle: of contracts/, plain names alone",
      severity: "error",
      from: { path: "^workflows/", pathNot: TEST },
      to: {
        pathNot: "^workflows/|^contracts/names\\.ts$|@temporalio/(workflow|common)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "activities-below-workers",
      severity: "error",
      from: { path: "^activities/", pathNot: TEST },
      to: { path: "@temporalio/(workflow|worker|client)", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "front-doors-are-clients",
      severity: "error",
      from: {
        path: below(rooms.filter(({ never }) => never?.includes("activities")).map(({ room }) => room)),
        pathNot: TEST,
      },
      to: { path: "@temporalio/(workflow|worker|activity)", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-test-helpers-in-the-product",
      severity: "error",
      from: { path: PRODUCT, pathNot: TEST },
      to: { path: "/testing/|\\.test\\.tsx?$|^tests/" },
    },
    {
      name: "no-research-in-the-product",
      severity: "error",
      from: { path: PRODUCT },
      to: { path: "^(research|bench)/" },
    },
    {
      name: "runs-without-development-packages",
      severity: "error",
      from: { path: PRODUCT, pathNot: TEST },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^(mdast|hast)$" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json"],
    },
  },
};
