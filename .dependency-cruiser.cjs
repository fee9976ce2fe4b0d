/** Who may import whom: docs/architecture.md. Tests may reach further. */
const TEST = "(\\.test\\.ts$|[Ff]ixture|syntheticScored|finiteDifferences|elementwiseCases|tensorCases|gradientCase)";

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "contracts-stand-alone",
      severity: "error",
      from: { path: "^contracts/" },
      to: { pathNot: "^contracts/|node_modules/zod" },
    },
    {
      name: "core-knows-no-temporal",
      severity: "error",
      from: { path: "^core/" },
      to: { path: "@temporalio|^(workflows|activities|workers|cli|web)/" },
    },
    {
      name: "workflows-are-deterministic",
      comment: "workflows take contracts/names.ts, types, and Temporal's workflow library",
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
      to: {
        path: "^(workflows|workers|cli|web)/|@temporalio/(workflow|worker|client)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "workers-take-workflows-by-path",
      severity: "error",
      from: { path: "^workers/" },
      to: { path: "^(workflows|cli|web)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "cli-and-web-are-clients",
      severity: "error",
      from: { path: "^(cli|web)/", pathNot: TEST },
      to: {
        path: "^(workflows|activities|workers)/|@temporalio/(workflow|worker|activity)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "autodiff-above-onnx",
      severity: "error",
      from: { path: "^core/onnx/", pathNot: TEST },
      to: { path: "^core/(autodiff|training|reranker)/" },
    },
    {
      name: "training-above-autodiff",
      severity: "error",
      from: { path: "^core/autodiff/", pathNot: TEST },
      to: { path: "^core/(training|reranker)/" },
    },
    {
      name: "runs-without-development-packages",
      severity: "error",
      from: { path: "^(contracts|core|workflows|activities|workers|cli|web)/", pathNot: TEST },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^mdast$" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".json"],
    },
  },
};
