import type { apps, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import {
    appLabel,
    containerSecurity,
    environment,
    type Labels,
    podSecurity,
    resources,
} from "../../conventions";
import { simulatedGpuLoad } from "../../gpu/simulated-gpus/annotations";
import type { Images } from "../../images";
import { mountFiles, pythonCommand } from "../../program-files";
import type { WebServerArgs } from "../web-server";

/** The port on which a pod listens; its name is `http`. */
export const webPort = 8080;

/** How the time of a request is spread: lognormal with a squared coefficient of variation of 4, as generated texts. */
export const distributions = ["constant", "exponential", "lognormal"] as const;

export type Distribution = (typeof distributions)[number];

/** The server's Deployment; without `replicas` where those belong to an autoscaler. */
export function webServerSpec(
    app: string,
    args: Omit<WebServerArgs, "namespace">,
    images: Images,
    source: pulumi.Input<string>,
): apps.v1.DeploymentSpec {
    return {
        ...(args.autoscaled ? {} : { replicas: args.replicas ?? 1 }),
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(app) },
        template: {
            metadata: {
                labels: appLabel(app),
                // Asked at its own endpoint: a GPU is as busy as the slots.
                ...(args.gpus !== undefined && {
                    annotations: simulatedGpuLoad({ port: webPort, path: "load" }),
                }),
            },
            spec: webServerPod(app, args, images, source),
        },
    };
}

function webServerPod(
    app: string,
    args: Omit<WebServerArgs, "namespace">,
    images: Images,
    source: pulumi.Input<string>,
): core.v1.PodSpec {
    const { volume, volumeMount } = mountFiles(source);
    const probe = { httpGet: { path: "/healthz", port: "http" } };
    const gpus: Labels = args.gpus === undefined ? {} : { "nvidia.com/gpu": `${args.gpus}` };
    const { requests, limits } = resources(args.cpu ?? ["50m", "1"], args.memory ?? ["32Mi", "256Mi"]);
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: graceSeconds(args),
        securityContext: podSecurity,
        ...(args.gpus !== undefined && {
            // Nodes whose GPUs are real have this taint as a rule.
            tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
        }),
        containers: [
            {
                name: app,
                image: images.python,
                imagePullPolicy: "IfNotPresent",
                command: pythonCommand("server.py"),
                env: environment(webEnvironment(args)),
                ports: [{ name: "http", containerPort: webPort }],
                // The kubelet asks at once, and then each second: a pod is Ready within a second of its start.
                readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: 3 },
                livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5 },
                resources: {
                    requests: { ...requests, ...gpus },
                    limits: { ...limits, ...gpus },
                },
                securityContext: containerSecurity,
                volumeMounts: [volumeMount],
            },
        ],
        volumes: [volume],
    };
}

function webEnvironment(args: Omit<WebServerArgs, "namespace">): Record<string, number | string> {
    return {
        SLOTS: args.slots ?? 4,
        SERVICE_SECONDS: args.serviceSeconds ?? 0.1,
        DISTRIBUTION: args.distribution ?? "constant",
        CPU_MILLISECONDS: args.cpuMilliseconds ?? 0,
        MEMORY_MIB: args.memoryMiB ?? 0,
        DRAIN_SECONDS: args.drainSeconds ?? 5,
    };
}

/** Seconds between SIGTERM and SIGKILL: draining, the longest request after one that it waited for, and some room. */
export function graceSeconds(args: Pick<WebServerArgs, "drainSeconds" | "serviceSeconds">): number {
    return (args.drainSeconds ?? 5) + Math.ceil(20 * (args.serviceSeconds ?? 0.1)) + 15;
}
