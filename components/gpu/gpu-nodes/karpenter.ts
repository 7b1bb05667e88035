import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import { type Labels, waitFor } from "../../conventions";
import { checkChoice, checkName, checkWhole, type Problem } from "../../problems";
import { checkLabelKey, checkLabels, checkTaints, gpuTaint, type Taint } from "./taints";

/** Nodes that Karpenter buys while pods wait for a GPU, and sells when none is left. */
export interface KarpenterGpuNodes {
    readonly kind: "karpenter";
    /** Name of the NodePool. @default "gpu" */
    readonly name?: string | undefined;
    /** The provider's description of machines, which exists already, e.g. an EC2NodeClass. */
    readonly nodeClass: {
        /** API group, e.g. `karpenter.k8s.aws`. */
        readonly group: string;
        /** E.g. `EC2NodeClass`. */
        readonly kind: string;
        readonly name: string;
    };
    /** Which machines may be bought, by the provider's labels. @default any that runs Linux: pods ask for the GPUs */
    readonly requirements?: readonly NodeRequirement[] | undefined;
    /** The most GPUs that are bought at a time, 1 to 10000. */
    readonly maxGpus: number;
    /** Labels of the nodes, beside `karpenter.sh/nodepool`, which Karpenter sets. @default none */
    readonly labels?: Labels | undefined;
    /** Taints of the nodes. @default `nvidia.com/gpu`, so that only pods that tolerate it land there */
    readonly taints?: readonly Taint[] | undefined;
    /**
     * When a node goes: with its last pod, or also when its pods fit on fewer or cheaper nodes, which moves them.
     * @default "WhenEmpty"
     */
    readonly consolidation?: "WhenEmpty" | "WhenEmptyOrUnderutilized" | undefined;
    /** How long a node is kept after that, e.g. `30s`, `5m`, `Never`. @default "5m" */
    readonly consolidateAfter?: string | undefined;
    /** Age at which a node is replaced, whatever runs there, e.g. `720h`, `Never`. @default "720h", as Karpenter's */
    readonly expireAfter?: string | undefined;
}

/** A demand on machines, as Karpenter has it. */
export interface NodeRequirement {
    /** Label that machines of the provider have, e.g. `karpenter.k8s.aws/instance-gpu-name`. */
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
    /** Several with `In` and `NotIn`, none with `Exists` and `DoesNotExist`, one number with `Gt` and `Lt`. */
    readonly values?: readonly string[];
}

const linux: NodeRequirement = { key: "kubernetes.io/os", operator: "In", values: ["linux"] };
const poolLabel = "karpenter.sh/nodepool";
const nodePoolName = (nodes: KarpenterGpuNodes) => nodes.name ?? "gpu";

/** The NodePool. */
export function nodePool(nodes: KarpenterGpuNodes): CustomResourceArgs {
    return {
        apiVersion: "karpenter.sh/v1",
        kind: "NodePool",
        // Ready means that Karpenter found the node class, and that it is ready.
        metadata: { name: nodePoolName(nodes), annotations: waitFor("Ready") },
        spec: {
            template: {
                ...(nodes.labels && { metadata: { labels: nodes.labels } }),
                spec: {
                    nodeClassRef: { ...nodes.nodeClass },
                    requirements: nodes.requirements ?? [linux],
                    taints: karpenterTaints(nodes),
                    expireAfter: nodes.expireAfter ?? "720h",
                },
            },
            limits: { "nvidia.com/gpu": String(nodes.maxGpus) },
            disruption: {
                consolidationPolicy: nodes.consolidation ?? "WhenEmpty",
                consolidateAfter: nodes.consolidateAfter ?? "5m",
            },
        },
    };
}

/** The labels by which pods select the nodes. */
export function karpenterLabels(nodes: KarpenterGpuNodes): Labels {
    return { [poolLabel]: nodePoolName(nodes), ...nodes.labels };
}

/** The nodes' taints. */
export function karpenterTaints(nodes: KarpenterGpuNodes): readonly Taint[] {
    return nodes.taints ?? [gpuTaint];
}

/** Problems with the NodePool: what Karpenter's definition or its webhook would refuse. */
export function checkKarpenter(property: string, nodes: KarpenterGpuNodes): Problem[] {
    return [
        ...checkName(`${property}.name`, nodes.name),
        ...(["group", "kind", "name"] as const).flatMap((part) =>
            nodes.nodeClass?.[part]
                ? []
                : [
                      {
                          property: `${property}.nodeClass.${part}`,
                          given: nodes.nodeClass?.[part],
                          allowed: "group, kind and name of a node class in the cluster",
                          fix: "take them from kubectl get nodepools -o yaml, or the provider's documentation",
                      },
                  ],
        ),
        ...(nodes.requirements ?? []).flatMap((one, i) =>
            checkRequirement(`${property}.requirements[${i}]`, one),
        ),
        ...checkWhole(`${property}.maxGpus`, nodes.maxGpus ?? 0, 1, 10000),
        ...checkLabels(`${property}.labels`, nodes.labels),
        ...Object.keys(nodes.labels ?? {})
            .filter((key) => /^([^/]+\.)?karpenter\.sh\//.test(key) || key === "kubernetes.io/hostname")
            .map((key) => ({
                property: `${property}.labels.${key}`,
                given: key,
                allowed: "labels outside karpenter.sh, and not kubernetes.io/hostname",
                fix: "choose another key",
            })),
        ...checkTaints(`${property}.taints`, nodes.taints),
        ...checkChoice(`${property}.consolidation`, nodes.consolidation, [
            "WhenEmpty",
            "WhenEmptyOrUnderutilized",
        ]),
        ...checkSpan(`${property}.consolidateAfter`, nodes.consolidateAfter),
        ...checkSpan(`${property}.expireAfter`, nodes.expireAfter),
    ];
}

function checkRequirement(property: string, { key, operator, values = [] }: NodeRequirement): Problem[] {
    const amounts = {
        In: values.length > 0,
        NotIn: values.length > 0,
        Exists: values.length === 0,
        DoesNotExist: values.length === 0,
        Gt: values.length === 1 && /^\d+$/.test(values[0] ?? ""),
        Lt: values.length === 1 && /^\d+$/.test(values[0] ?? ""),
    };
    return [
        ...checkLabelKey(`${property}.key`, key),
        ...(amounts[operator]
            ? []
            : [
                  {
                      property: `${property}.values`,
                      given: values,
                      allowed: `what the operator ${operator} takes: values for In and NotIn, none for Exists and DoesNotExist, one number for Gt and Lt`,
                      fix: "correct the operator or the values",
                  },
              ]),
    ];
}

function checkSpan(property: string, given: string | undefined): Problem[] {
    return given === undefined || /^(([0-9]+[smh])+|Never)$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a time such as 30s, 5m, 1h30m, or Never",
                  fix: "write it in s, m and h",
              },
          ];
}
