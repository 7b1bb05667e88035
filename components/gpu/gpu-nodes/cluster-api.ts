import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import type { Labels } from "../../conventions";
import { checkChoice, checkName, checkWhole, type Problem } from "../../problems";
import { autoscalerAnnotations, checkAutoscaling, type MachineAutoscaling } from "./machine-autoscaling";
import { checkLabels, checkTaints, gpuTaint, type Taint } from "./taints";

/**
 * Nodes that Cluster API makes (v1.12 or later). The objects live in the management cluster: the component needs
 * that cluster's provider.
 */
export interface ClusterApiGpuNodes {
    readonly kind: "cluster-api";
    /** Name of the MachineDeployment. @default "gpu" */
    readonly name?: string | undefined;
    /** Namespace of the Cluster, in the management cluster. */
    readonly namespace: string;
    /** Name of the Cluster that gets the nodes. */
    readonly cluster: string;
    /** Version of Kubernetes on the nodes, e.g. `v1.36.3`. @default none: the bootstrap provider decides */
    readonly version?: string | undefined;
    /** The machines: a template that exists already, e.g. an AWSMachineTemplate with a GPU instance type. */
    readonly infrastructure: TemplateReference;
    /** How they join: a template that exists already, e.g. a KubeadmConfigTemplate. */
    readonly bootstrap: TemplateReference;
    /** Nodes, 0 to 1000; or `autoscaling`. @default 1 */
    readonly replicas?: number | undefined;
    /** Bounds for the cluster autoscaler, which then decides how many nodes there are. @default none */
    readonly autoscaling?: MachineAutoscaling | undefined;
    /**
     * Labels of the nodes. Cluster API hands on only those of the domains `node.cluster.x-k8s.io` and
     * `node-restriction.kubernetes.io`, and `node-role.kubernetes.io/…`.
     * @default { "node.cluster.x-k8s.io/gpu-nodes": name }
     */
    readonly labels?: Labels | undefined;
    /** Taints of the nodes. @default `nvidia.com/gpu`, so that only pods that tolerate it land there */
    readonly taints?: readonly Taint[] | undefined;
    /**
     * Who taints them: the bootstrap template, which has to name the same taints (kubeadm:
     * `joinConfiguration.nodeRegistration.taints`), or Cluster API, whose feature gate MachineTaintPropagation
     * (alpha) has to be on. @default "bootstrap"
     */
    readonly taintedBy?: "bootstrap" | "cluster-api" | undefined;
}

/** An object of the Cluster's namespace. */
export interface TemplateReference {
    /** E.g. `infrastructure.cluster.x-k8s.io`. */
    readonly apiGroup: string;
    /** E.g. `AWSMachineTemplate`. */
    readonly kind: string;
    readonly name: string;
}

const deploymentName = (nodes: ClusterApiGpuNodes) => nodes.name ?? "gpu";

/** The MachineDeployment. */
export function machineDeployment(nodes: ClusterApiGpuNodes): CustomResourceArgs {
    const name = deploymentName(nodes);
    const own = { "cluster.x-k8s.io/cluster-name": nodes.cluster, "cluster.x-k8s.io/deployment-name": name };
    const taints = clusterApiTaints(nodes).map((taint) => ({ ...taint, propagation: "Always" }));
    return {
        apiVersion: "cluster.x-k8s.io/v1beta2",
        kind: "MachineDeployment",
        metadata: {
            name,
            namespace: nodes.namespace,
            labels: { "cluster.x-k8s.io/cluster-name": nodes.cluster },
            ...(nodes.autoscaling && {
                annotations: autoscalerAnnotations(
                    nodes.autoscaling,
                    clusterApiLabels(nodes),
                    clusterApiTaints(nodes),
                ),
            }),
        },
        spec: {
            clusterName: nodes.cluster,
            // With an autoscaler the number is its own: nobody else may set it.
            ...(nodes.autoscaling === undefined && { replicas: nodes.replicas ?? 1 }),
            selector: { matchLabels: own },
            template: {
                metadata: { labels: { ...own, ...clusterApiLabels(nodes) } },
                spec: {
                    clusterName: nodes.cluster,
                    ...(nodes.version !== undefined && { version: nodes.version }),
                    bootstrap: { configRef: { ...nodes.bootstrap } },
                    infrastructureRef: { ...nodes.infrastructure },
                    ...(nodes.taintedBy === "cluster-api" && taints.length > 0 && { taints }),
                },
            },
        },
    };
}

/** The labels by which pods select the nodes. */
export function clusterApiLabels(nodes: ClusterApiGpuNodes): Labels {
    return nodes.labels ?? { "node.cluster.x-k8s.io/gpu-nodes": deploymentName(nodes) };
}

/** The nodes' taints. */
export function clusterApiTaints(nodes: ClusterApiGpuNodes): readonly Taint[] {
    return nodes.taints ?? [gpuTaint];
}

/** Problems with the MachineDeployment: what Cluster API would refuse, and labels that would not reach a node. */
export function checkClusterApi(property: string, nodes: ClusterApiGpuNodes): Problem[] {
    const problem = (at: string, given: unknown, allowed: string, fix: string): Problem => ({
        property: `${property}.${at}`,
        given,
        allowed,
        fix,
    });
    const { autoscaling } = nodes;
    const references = ["infrastructure", "bootstrap"] as const;
    const reserved =
        /^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|node-role\.kubernetes\.io)\//;
    return [
        ...checkName(`${property}.name`, nodes.name),
        ...checkName(`${property}.namespace`, nodes.namespace ?? ""),
        ...checkName(`${property}.cluster`, nodes.cluster ?? ""),
        ...(nodes.version === undefined || /^v\d+\.\d+\.\d+/.test(nodes.version)
            ? []
            : [
                  problem(
                      "version",
                      nodes.version,
                      "a version such as v1.36.3",
                      "write it with v and three numbers",
                  ),
              ]),
        ...references
            .filter((key) => !(nodes[key]?.apiGroup && nodes[key]?.kind && nodes[key]?.name))
            .map((key) => problem(key, nodes[key], "apiGroup, kind and name", "name a template that exists")),
        ...checkWhole(`${property}.replicas`, nodes.replicas, 0, 1000),
        ...(nodes.replicas === undefined || autoscaling === undefined
            ? []
            : [problem("replicas", nodes.replicas, "nothing, with autoscaling", "leave one of the two out")]),
        ...(autoscaling === undefined ? [] : checkAutoscaling(`${property}.autoscaling`, autoscaling)),
        ...checkLabels(`${property}.labels`, nodes.labels),
        ...(Object.keys(clusterApiLabels(nodes)).length > 0
            ? []
            : [problem("labels", nodes.labels, "at least one label", "leave it out for the default")]),
        ...Object.keys(nodes.labels ?? {})
            .filter((key) => !reachesNodes(key))
            .map((key) =>
                problem(
                    `labels.${key}`,
                    key,
                    "labels that Cluster API hands on to nodes: node.cluster.x-k8s.io/…, node-restriction.kubernetes.io/…, node-role.kubernetes.io/…",
                    "choose such a key",
                ),
            ),
        ...checkChoice(`${property}.taintedBy`, nodes.taintedBy, ["bootstrap", "cluster-api"]),
        ...checkTaints(`${property}.taints`, nodes.taints),
        ...(nodes.taints ?? [])
            .filter(({ key }) => nodes.taintedBy === "cluster-api" && reserved.test(key))
            .map(({ key }) =>
                problem("taints", key, "taints that Kubernetes does not manage", "choose another key"),
            ),
    ];
}

function reachesNodes(key: string): boolean {
    const domain = key.includes("/") ? (key.split("/")[0] as string) : "";
    return (
        domain.startsWith("node-role.kubernetes.io") ||
        /^(.+\.)?(node-restriction\.kubernetes\.io|node\.cluster\.x-k8s\.io)$/.test(domain)
    );
}
