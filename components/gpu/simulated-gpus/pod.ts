import type { apps } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, environment, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles, pythonCommand } from "../../program-files";
import type { SimulatedGpusArgs } from "../simulated-gpus";
import { annotationPrefix } from "./annotations";

/** Name of its Deployment, Service, account and ServiceMonitor. */
export const simulatedGpusApp = "simulated-gpus";
/** The port of NVIDIA's exporter. */
export const simulatedGpusPort = 9400;

/** The exporter's Deployment. */
export function simulatedGpusSpec(
    args: SimulatedGpusArgs,
    images: Images,
    source: pulumi.Input<string>,
    account: pulumi.Input<string>,
): apps.v1.DeploymentSpec {
    const { volume, volumeMount } = mountFiles(source);
    return {
        replicas: 1,
        // The one that goes takes the GPUs from the nodes; not after the next one has put them there.
        strategy: { type: "Recreate" },
        selector: { matchLabels: appLabel(simulatedGpusApp) },
        template: {
            metadata: { labels: appLabel(simulatedGpusApp) },
            spec: {
                serviceAccountName: account,
                automountServiceAccountToken: true,
                enableServiceLinks: false,
                terminationGracePeriodSeconds: 15,
                securityContext: podSecurity,
                containers: [
                    {
                        name: "exporter",
                        image: images.python,
                        imagePullPolicy: "IfNotPresent",
                        command: pythonCommand("exporter.py"),
                        env: environment(exporterEnvironment(args)),
                        ports: [{ name: "metrics", containerPort: simulatedGpusPort }],
                        // Ready with the first figures: from then on the nodes offer GPUs.
                        readinessProbe: { httpGet: { path: "/metrics", port: "metrics" }, periodSeconds: 1 },
                        livenessProbe: {
                            httpGet: { path: "/healthz", port: "metrics" },
                            initialDelaySeconds: 10,
                        },
                        resources: resources(["20m", "1"], ["32Mi", "128Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [volumeMount],
                    },
                ],
                volumes: [volume],
            },
        },
    };
}

function exporterEnvironment(args: SimulatedGpusArgs): Record<string, number | string> {
    const memory = args.memoryMiB ?? 40960;
    return {
        GPUS_PER_NODE: args.gpusPerNode ?? 8,
        MEMORY_MIB: memory,
        MODEL: `Simulated-GPU-${Math.round(memory / 1024)}GB`,
        NODES: Object.entries(args.nodeSelector ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(","),
        ANNOTATION_PREFIX: annotationPrefix,
        COLLECT_SECONDS: args.collectSeconds ?? 1,
    };
}
