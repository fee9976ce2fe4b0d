/**
 * Features of the Kubernetes docs alone: their address, feature gate pages, and the statements of a feature's stage.
 * None of this affects other docs.
 */

/** A stage of a feature gate, from the front matter of its page. */
interface Stage {
  stage: string;
  from: string;
  to: string;
  /** Whether the gate is on by default. */
  enabled: boolean | null;
}

const HOME = /^https?:\/\/(www\.)?kubernetes\.io(?=\/docs\/)/;
const GATE_PAGES = /(^|\/)feature-gates\//;

/** Turns a link to the published docs into a link inside the docs. */
export function withoutHome(url: string): string {
  return url.replace(HOME, "");
}

export function isGatePage(path: string): boolean {
  return GATE_PAGES.test(path);
}

/** The current stage of a gate. */
export function latestStage(data: Record<string, unknown>): Pick<Stage, "stage" | "from" | "enabled"> {
  return stagesOf(data).at(-1) ?? { stage: "", from: "", enabled: null };
}

/** The history of a gate, which the published docs show in a table; "" if the page has none. */
export function stagesText(data: Record<string, unknown>): string {
  const stages = stagesOf(data).filter(({ stage, from }) => stage !== "" && from !== "");
  if (stages.length === 0) return "";
  const each = stages.map(({ stage, from, to, enabled }) => {
    const range = to === "" ? `since v${from}` : from === to ? `v${from}` : `v${from} to v${to}`;
    return `${range} [${stage}]${byDefault(enabled)}`;
  });
  return `FEATURE STATE: ${each.join("; ")}`;
}

/** The shortcode `feature-state`: by version and stage, or by gate name. */
export function featureState(
  named: Record<string, string>,
  gate: Pick<Stage, "stage" | "from" | "enabled"> | null,
): string {
  if (gate) return `FEATURE STATE: Kubernetes v${gate.from} [${gate.stage}]${byDefault(gate.enabled)}`;
  return `FEATURE STATE: ${productAndVersion(named)} [${named.state ?? named.feature_gate_name ?? ""}]`;
}

/** Sites that adopted the shortcode name their own product: `for_karmada_version`. */
function productAndVersion(named: Record<string, string>): string {
  for (const [key, version] of Object.entries(named)) {
    const product = /^for_(\w+)_version$/.exec(key)?.[1];
    if (product === "k8s") return `Kubernetes ${version}`;
    if (product) return `${product[0]!.toUpperCase()}${product.slice(1).replaceAll("_", " ")} ${version}`;
  }
  return "Kubernetes";
}

function byDefault(enabled: boolean | null): string {
  return enabled === null ? "" : ` (enabled by default: ${enabled})`;
}

function stagesOf(data: Record<string, unknown>): Stage[] {
  const stages: unknown[] = Array.isArray(data.stages) ? data.stages : [];
  return stages.map((each) => {
    const { stage, fromVersion, toVersion, defaultValue } = (each ?? {}) as Record<string, unknown>;
    const text = (value: unknown) => (value === undefined || value === null ? "" : String(value).trim());
    const enabled = typeof defaultValue === "boolean" ? defaultValue : null;
    return { stage: text(stage), from: text(fromVersion), to: text(toVersion), enabled };
  });
}
