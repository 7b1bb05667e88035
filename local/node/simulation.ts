import type { KubernetesObject } from "@kubernetes/client-node";
import { stringify } from "yaml";

/**
 * What a cluster with simulated nodes has in place of hardware: nodes, and what a cloud would do for volumes and
 * load balancers. The control plane is real; no container runs and no packet moves.
 */

/** Nodes as a GPU cloud has them, some with GPUs. */
export interface SimulatedNodes {
    /** Nodes without GPUs. */
    readonly cpu: number;
    /** Nodes with eight GPUs each. */
    readonly gpu: number;
}

/** The Node objects, as their kubelets would have registered them. */
export function simulatedNodes({ cpu, gpu }: SimulatedNodes): KubernetesObject[] {
    const named = (prefix: string, count: number, gpus: number) =>
        Array.from({ length: count }, (_, index) => simulatedNode(`${prefix}-${index}`, gpus));
    return [...named("node", cpu, 0), ...named("gpu-node", gpu, 8)];
}

function simulatedNode(name: string, gpus: number): KubernetesObject {
    const amounts = {
        cpu: "32",
        memory: "256Gi",
        "ephemeral-storage": "500Gi",
        pods: "110",
        ...(gpus > 0 && { "nvidia.com/gpu": String(gpus) }),
    };
    const node = {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name,
            annotations: { "kwok.x-k8s.io/node": "fake" },
            labels: {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                type: "kwok",
                // What the kind stack looks for on the node that takes ingress.
                ...(gpus === 0 && { "ingress-ready": "true" }),
                ...(gpus > 0 && {
                    "nvidia.com/gpu.present": "true",
                    "nvidia.com/gpu.count": String(gpus),
                    "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB",
                }),
            },
        },
        spec: gpus > 0 ? { taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] } : {},
        status: { allocatable: amounts, capacity: amounts },
    };
    return node;
}

/** The class whose volumes the simulator makes; the default one, as a cloud's is. */
export const simulatedStorageClass: KubernetesObject & Record<string, unknown> = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
        name: "kwok-volume", // the name that KWOK's stages look for
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: "kwok.x-k8s.io/volume",
    volumeBindingMode: "Immediate",
};

const loadBalancer = {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: "service-load-balancer" },
    spec: {
        resourceRef: { apiGroup: "v1", kind: "Service" },
        selector: {
            matchExpressions: [
                { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
                { key: ".spec.type", operator: "In", values: ["LoadBalancer"] },
                { key: ".status.loadBalancer.ingress", operator: "DoesNotExist" },
            ],
        },
        // An address of the range that is kept for documentation: nothing answers there, anywhere.
        next: {
            patches: [
                {
                    subresource: "status",
                    root: "status",
                    template: 'loadBalancer:\n  ingress:\n  - ip: "192.0.2.1"\n',
                },
            ],
        },
    },
};

/** What an operator reports of a custom resource once what it makes is up; the operator's own pod does nothing here. */
function reported(apiVersion: string, kind: string, condition: string, status = "") {
    return {
        apiVersion: "kwok.x-k8s.io/v1alpha1",
        kind: "Stage",
        metadata: { name: `${kind.toLowerCase()}-${condition.toLowerCase()}` },
        spec: {
            resourceRef: { apiGroup: apiVersion, kind },
            selector: {
                matchExpressions: [
                    { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
                    { key: ".status.conditions", operator: "DoesNotExist" },
                ],
            },
            next: {
                patches: [
                    {
                        subresource: "status",
                        root: "status",
                        template: `${status}${conditionTrue(condition)}`,
                    },
                ],
            },
        },
    };
}

function conditionTrue(type: string): string {
    return `
conditions:
- type: ${type}
  status: "True"
  reason: Simulated
  message: ""
  lastTransitionTime: {{ Now | Quote }}
  observedGeneration: {{ .metadata.generation }}
`;
}

/** Prometheus and Alertmanager count their pods. */
const counts = ["replicas", "updatedReplicas", "availableReplicas"]
    .map((count) => `${count}: {{ or .spec.replicas 1 }}\n`)
    .join("");
const servers = `paused: false\nunavailableReplicas: 0\n${counts}`;

/** Our stages, beside KWOK's own for nodes, pods and volumes. */
export const stages = stringify(loadBalancer);

/**
 * Stages of custom resources, by the operator that they stand for. Each needs a KWOK of its own, because KWOK does
 * not start before the kinds that it is to watch are there.
 */
export const operatorStages = {
    "prometheus-operator": [
        reported("monitoring.coreos.com/v1", "Prometheus", "Available", servers),
        reported("monitoring.coreos.com/v1", "Alertmanager", "Available", servers),
    ],
    "cert-manager": [reported("cert-manager.io/v1", "ClusterIssuer", "Ready")],
    keda: [reported("keda.sh/v1alpha1", "ScaledObject", "Ready")],
};
