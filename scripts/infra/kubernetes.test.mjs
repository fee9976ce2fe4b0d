import { expect, it } from "vitest";
import { requiringKubernetes } from "./kubernetes.mjs";

it("parts that Kubernetes replaces by folders of its repository become the published modules", () => {
  const source = `module k8s.io/kubernetes

go 1.24.0

require k8s.io/api v0.0.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kubelet => ./staging/src/k8s.io/kubelet
)
`;
  expect(requiringKubernetes("v1.34.1", source)).toBe(`module built

go 1.24.0

require k8s.io/kubernetes v1.34.1

replace (
	k8s.io/api => k8s.io/api v0.34.1
	k8s.io/kubelet => k8s.io/kubelet v0.34.1
)
`);
});
