// The manifests as a user of the cluster would set them: an overlay of its own over infra/, with its addresses, images
// and requests that fit on one machine.
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { capture } from "../images/capture.mjs";
import { objectsIn } from "../infra/manifests.mjs";
import { root } from "../setup/paths.mjs";
import { NAMESPACE } from "./cluster.mjs";
import { ADDRESS } from "./node.mjs";

export const IMAGES = ["cpu", "query", "web"];
export const tagOf = (name) => `winnow-${name}:tested`;
export const KEYS = { user: "winnow", password: "winnow-in-a-pod" };
const API_TOKEN = "winnow-in-a-cluster";

/** HTTPS's port, since the policy of infra/base lets pods reach it anywhere. */
export const PORTS = { temporal: 7233, s3: 443 };

const SETTINGS = [
  `TEMPORAL_ADDRESS=${ADDRESS}:${PORTS.temporal}`,
  `WINNOW_S3_ENDPOINT=http://${ADDRESS}:${PORTS.s3}`,
  `WINNOW_HTTP_ALLOWED_HOSTS=web`,
];
const REQUEST = { op: "replace", path: "/spec/template/spec/containers/0/resources/requests/cpu", value: "100m" };

/** Objects of the overlay, built by Kustomize in `folder`. */
export async function overlayObjects(kustomize, folder) {
  const target = join(folder, "overlay");
  await mkdir(target, { recursive: true });
  const infra = (...names) => relative(target, join(root, "infra", ...names));
  const overlay = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: NAMESPACE,
    resources: [infra("base"), infra("pools")],
    components: [infra("components", "egress-temporal")],
    images: IMAGES.map((name) => ({ name: `winnow-${name}`, newName: `localhost/winnow-${name}`, newTag: "tested" })),
    configMapGenerator: [{ name: "winnow", behavior: "merge", literals: SETTINGS }],
    patches: [{ target: { kind: "Deployment" }, patch: stringify([REQUEST]) }],
  };
  await writeFile(join(target, "kustomization.yaml"), stringify(overlay));
  return objectsIn(await capture(kustomize, ["build", target]));
}

const metadata = (name) => ({ name, namespace: NAMESPACE });

/** Secrets that infra/secrets.example.yaml asks for. */
export const secrets = () => [
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata("winnow-s3"),
    stringData: { AWS_ACCESS_KEY_ID: KEYS.user, AWS_SECRET_ACCESS_KEY: KEYS.password },
  },
  { apiVersion: "v1", kind: "Secret", metadata: metadata("winnow-web"), stringData: { WINNOW_HTTP_TOKENS: API_TOKEN } },
];

/** A volume in a folder of the machine, for a claim of infra/. */
export const volume = (claim, accessMode, path) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: claim },
  spec: {
    capacity: { storage: "20Gi" },
    accessModes: [accessMode],
    hostPath: { path },
    claimRef: { ...metadata(claim), apiVersion: "v1", kind: "PersistentVolumeClaim" },
  },
});

/** A pod that runs the command `winnow` once, set up and protected as the cpu pool is. */
export function commandPod(deployment, name, args) {
  const { spec } = deployment.spec.template;
  const [{ image, envFrom, volumeMounts, securityContext }] = spec.containers;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata(name), labels: { "app.kubernetes.io/name": "winnow" } },
    spec: {
      restartPolicy: "Never",
      ...{ serviceAccountName: spec.serviceAccountName, automountServiceAccountToken: false },
      ...{ enableServiceLinks: false, securityContext: spec.securityContext, volumes: spec.volumes },
      containers: [
        { name: "cli", image, command: ["node", "cli/winnow.mjs"], args, envFrom, volumeMounts, securityContext },
      ],
    },
  };
}
