/**
 * Finds conflicts of the objects of `builds` ({name: objects}) with each other and with the `shared` ones: dangling
 * references, scaled pods that several targets select, names that two builds share. Schemas cannot find these.
 */
export function problemsOf(shared, builds) {
  const all = Object.entries(builds).flatMap(([build, objects]) => objects.map((object) => ({ build, object })));
  const problems = Object.entries(builds).flatMap(([build, objects]) =>
    [...referenceProblems([...shared, ...objects], objects), ...scalingProblems(objects)].map(
      (problem) => `${build}: ${problem}`,
    ),
  );
  return [...problems, ...nameProblems(all), ...selectionProblems(shared, all)];
}

const ofKind = (objects, kind) => objects.filter((object) => object.kind === kind);
const nameOf = ({ kind, metadata }) => `${kind} ${metadata.name}`;
const podOf = (deployment) => deployment.spec.template;

function referenceProblems(present, objects) {
  const names = new Set(present.map(nameOf));
  const wanted = objects.flatMap((object) => {
    if (object.kind === "Deployment") return referencesOfPod(podOf(object).spec);
    if (object.kind === "HorizontalPodAutoscaler") return [`Deployment ${object.spec.scaleTargetRef.name}`];
    if (object.kind === "Ingress") return servicesOf(object).map((name) => `Service ${name}`);
    if (object.kind !== "ScaledObject") return [];
    const credentials = object.spec.triggers.flatMap(({ authenticationRef }) => authenticationRef?.name ?? []);
    return [
      `Deployment ${object.spec.scaleTargetRef.name}`,
      ...credentials.map((name) => `TriggerAuthentication ${name}`),
    ];
  });
  return [...new Set(wanted)].filter((name) => !names.has(name)).map((name) => `there is no ${name}`);
}

/** Secrets are created elsewhere, so they are no references here. */
function referencesOfPod({ serviceAccountName, volumes, containers }) {
  const claims = volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
  const settings = containers.flatMap(({ envFrom }) => envFrom.flatMap((source) => source.configMapRef?.name ?? []));
  return [
    `ServiceAccount ${serviceAccountName}`,
    ...claims.map((name) => `PersistentVolumeClaim ${name}`),
    ...settings.map((name) => `ConfigMap ${name}`),
  ];
}

function servicesOf({ spec }) {
  return spec.rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service.name));
}

function scalingProblems(objects) {
  const scalers = ["ScaledObject", "HorizontalPodAutoscaler"].flatMap((kind) => ofKind(objects, kind));
  const scaled = scalers.map(({ spec }) => spec.scaleTargetRef.name);
  return ofKind(objects, "Deployment").flatMap(({ metadata: { name }, spec }) => {
    const own = scaled.filter((target) => target === name).length;
    return [
      ...(own === 1 ? [] : [`Deployment ${name} has ${own} scalers`]),
      ...(spec.replicas === undefined ? [] : [`Deployment ${name} has replicas, which each apply would reset`]),
    ];
  });
}

function nameProblems(all) {
  const seen = new Map();
  for (const { build, object } of all) seen.set(nameOf(object), [...(seen.get(nameOf(object)) ?? []), build]);
  return [...seen]
    .filter(([, owners]) => owners.length > 1)
    .map(([name, owners]) => `${name} is in ${owners.join(" and ")}`);
}

/** Label selectors for pods, by kind. */
const SELECTORS = {
  Deployment: ({ selector }) => selector.matchLabels,
  PodDisruptionBudget: ({ selector }) => selector.matchLabels,
  NetworkPolicy: ({ podSelector }) => podSelector.matchLabels,
  Service: ({ selector }) => selector,
};

/** Kinds of which several may select a pod: besides the shared ones, the API's pods have their own service and policy. */
const SHARED_BY_PODS = ["NetworkPolicy", "Service"];

/** A pod that two deployments' scalers or two budgets select is counted twice, or neither acts. */
function selectionProblems(shared, all) {
  const objects = [...shared, ...all.map(({ object }) => object)];
  return ofKind(objects, "Deployment").flatMap((deployment) => {
    const { labels } = podOf(deployment).metadata;
    return Object.entries(SELECTORS).flatMap(([kind, selectorOf]) => {
      const found = ofKind(objects, kind).filter(({ spec }) => matches(selectorOf(spec), labels)).length;
      return found === 1 || (found > 1 && SHARED_BY_PODS.includes(kind))
        ? []
        : [`pods of ${deployment.metadata.name} are selected by ${found} of kind ${kind}`];
    });
  });
}

const matches = (selector, labels) => Object.entries(selector).every(([key, value]) => labels[key] === value);
