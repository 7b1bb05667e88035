import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, type Labels } from "../conventions";
import { type Images, withImages } from "../images";
import { type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkDuration, checkName, checkWhole, type Problem, reject } from "../problems";
import { createFiles, programFiles } from "../program-files";
import { dcgmMetrics, dcgmMonitor } from "./dcgm-metrics";
import { checkLabels } from "./gpu-nodes/taints";
import { simulatedGpusApp, simulatedGpusPort, simulatedGpusSpec } from "./simulated-gpus/pod";

export {
    type SimulatedGpuLoad,
    type SimulatedGpuState,
    simulatedGpuLoad,
    simulatedGpuState,
} from "./simulated-gpus/annotations";

export interface SimulatedGpusArgs {
    /** Namespace to create and install into. @default "simulated-gpus" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Labels of the nodes that are to offer GPUs. @default {}, which every node has */
    readonly nodeSelector?: Labels | undefined;
    /** GPUs of each node, 1 to 64. @default 8 */
    readonly gpusPerNode?: number | undefined;
    /** Memory of each GPU in MiB, 1 to 1000000. @default 40960 */
    readonly memoryMiB?: number | undefined;
    /** Seconds between two looks at nodes and pods, 1 to 60; NVIDIA's exporter: 30. @default 1 */
    readonly collectSeconds?: number | undefined;
    /** How often it is scraped, as a duration such as "5s". @default "5s" */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
}

/**
 * GPUs that are not there: nodes offer `nvidia.com/gpu`, and pods that ask for it have the series of NVIDIA's DCGM
 * exporter, so that what scales or alerts on them can be tried without the hardware. One exporter for all nodes.
 *
 * What a GPU does say annotations of its pod, and where that says nothing its node: `simulatedGpuLoad`,
 * `simulatedGpuState`. A pod that is to be asked and does not answer has no utilization, which is not 0.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator. Not on nodes with GPUs, or with FakeGpuOperator.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class SimulatedGpus extends pulumi.ComponentResource {
    /** Metrics of the GPUs of all nodes, inside the cluster. */
    public readonly metricsUrl: string;

    constructor(name: string, args: SimulatedGpusArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:SimulatedGpus", name, {}, opts);
        reject(this, validateSimulatedGpus(args));
        const app = simulatedGpusApp;
        const namespaceName = args.namespace ?? app;
        const child = { parent: this };

        const { namespace } = createNamespace();
        const identity = new ServiceIdentity(
            `${name}-identity`,
            { account: app, namespace, clusterRules: simulatedGpusRules },
            child,
        );
        const source = createFiles(`${name}-source`, app, namespace, simulatedGpusFiles(), child);
        const spec = simulatedGpusSpec(args, withImages(args.images), source.metadata.name, identity.account);
        const metadata = { name: app, namespace };
        new Deployment(name, { metadata, spec }, { ...child, dependsOn: identity });
        createService();
        const monitor = dcgmMonitor({
            name: app,
            namespace: namespaceName,
            service: appLabel(app),
            port: "metrics",
            metrics: [...dcgmMetrics, refusedSeries],
            interval: args.scrapeInterval ?? "5s",
            forManyNodes: true,
        });
        new CustomResource(
            `${name}-monitor`,
            { ...monitor, metadata: { ...monitor.metadata, namespace } },
            child,
        );

        this.metricsUrl = `http://${app}.${namespaceName}.svc:${simulatedGpusPort}/metrics`;
        this.registerOutputs({ metricsUrl: this.metricsUrl });

        function createNamespace() {
            const openings = simulatedGpusOpenings(args.monitoringNamespace);
            const dependsOn = opts?.dependsOn ?? [];
            return new SecureNamespace(
                `${name}-namespace`,
                { namespace: namespaceName, openings },
                { ...child, dependsOn },
            );
        }

        function createService() {
            const ports = [{ name: "metrics", port: simulatedGpusPort, targetPort: "metrics" }];
            const service = { name: app, namespace, labels: appLabel(app) };
            new Service(name, { metadata: service, spec: { selector: appLabel(app), ports } }, child);
        }
    }
}

/** The exporter's program. */
export function simulatedGpusFiles(): Record<string, string> {
    return programFiles("gpu", "exporter.py", "gpus.py", "kube.py", "said.py");
}

/** How many annotations have values that are wrong; the exporter's log says which. */
const refusedSeries = "simulated_gpu_annotations_refused";

/** What the exporter may do: see nodes and pods, and write what a node offers. */
export const simulatedGpusRules = [
    { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["list"] },
    { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
];

/** Problems with the arguments. */
export function validateSimulatedGpus(args: SimulatedGpusArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkLabels("nodeSelector", args.nodeSelector),
        ...checkWhole("gpusPerNode", args.gpusPerNode, 1, 64),
        ...checkWhole("memoryMiB", args.memoryMiB, 1, 1000000),
        ...checkWhole("collectSeconds", args.collectSeconds, 1, 60),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
    ];
}

/** What goes in and out of the namespace. */
export function simulatedGpusOpenings(monitoringNamespace = "monitoring"): Opening[] {
    const peer = { namespace: monitoringNamespace };
    return [
        // Pods are anywhere, and say on which port they are asked; the API server is among what is reached, too.
        { name: "exporter-to-pods", pods: appLabel(simulatedGpusApp), direction: "egress", peer: "anywhere" },
        { name: "metrics-from-monitoring", direction: "ingress", peer, ports: [simulatedGpusPort] },
    ];
}
