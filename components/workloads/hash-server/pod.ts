import type { apps, core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { amountOf } from "../../autoscaling/autoscaler/quantity";
import { appLabel, containerSecurity, environment, podSecurity, resources } from "../../conventions";
import { type Images, withImages } from "../../images";
import { mountFiles, pythonCommand } from "../../program-files";
import type { HashServerArgs } from "../hash-server";

/** Name of its Deployment, Service and PodMonitor, and so the `job` of its series. */
export const hashApp = "hash";

/** The port on which a pod listens; its name is `http`. */
export const hashPort = 8080;

/** Seconds for which a pod that is told to stop goes on taking requests, in which load balancers hear that it goes. */
const drainSeconds = 5;

/** Seconds of CPU for each step of n * r * p: twice what was measured, as other machines are slower. */
const secondsPerStep = (2 * 0.3) / (16384 * 5 * 10);

/** The least that the kernel gives, in cores: a smaller limit is none, or this. */
const leastCores = 0.01;

/** Cores and memory that a pod asks for, and the most that it gets. */
export function hashResources(args: Pick<HashServerArgs, "cpu" | "memory">) {
    return resources(args.cpu ?? ["100m", "200m"], args.memory ?? ["32Mi", "128Mi"]);
}

/** Bytes that the function takes for one hash. */
export function hashBytes({ n = 16384, r = 5 }: Pick<HashServerArgs, "n" | "r">): number {
    return 128 * n * r;
}

/** Seconds that a hash takes while all slots of its pod are busy, at the pod's limit and on one core at most. */
export function hashSeconds(args: Pick<HashServerArgs, "n" | "r" | "p" | "slots" | "cpu">): number {
    const { n = 16384, r = 5, p = 10, slots = 1 } = args;
    const { cpu } = hashResources(args).limits as { cpu: string };
    const cores = Math.max(leastCores, amountOf(cpu) ?? 1);
    return n * r * p * secondsPerStep * Math.max(1, slots / cores);
}

/**
 * Seconds between SIGTERM and SIGKILL: draining, a hash after one that it waited for, and some room; a minute at least, for
 * the requests that wait where hashes are short.
 */
export function graceSeconds(args: Pick<HashServerArgs, "n" | "r" | "p" | "slots" | "cpu">): number {
    return Math.max(60, drainSeconds + Math.ceil(2 * hashSeconds(args)) + 15);
}

/** The Deployment; without `replicas`, which belong to the autoscaler. */
export function hashSpec(args: HashServerArgs, source: pulumi.Input<string>): apps.v1.DeploymentSpec {
    return {
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(hashApp) },
        template: {
            metadata: { labels: appLabel(hashApp) },
            spec: hashPod(args, withImages(args.images), source),
        },
    };
}

function hashPod(args: HashServerArgs, images: Images, source: pulumi.Input<string>): core.v1.PodSpec {
    const { volume, volumeMount } = mountFiles(source);
    const probe = { httpGet: { path: "/healthz", port: "http" } };
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: graceSeconds(args),
        securityContext: podSecurity,
        containers: [
            {
                name: hashApp,
                image: images.python,
                imagePullPolicy: "IfNotPresent",
                command: pythonCommand("hash.py"),
                env: environment(hashEnvironment(args)),
                ports: [{ name: "http", containerPort: hashPort }],
                // At its limit a pod answers late and is not ill: it has most of a second of each to wait for CPU.
                readinessProbe: { ...probe, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 },
                livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 10 },
                resources: hashResources(args),
                securityContext: containerSecurity,
                volumeMounts: [volumeMount],
            },
        ],
        volumes: [volume],
    };
}

/** What the program is told. */
export function hashEnvironment(args: HashServerArgs): Record<string, string> {
    return {
        SCRYPT_N: `${args.n ?? 16384}`,
        SCRYPT_R: `${args.r ?? 5}`,
        SCRYPT_P: `${args.p ?? 10}`,
        SLOTS: `${args.slots ?? 1}`,
        DRAIN_SECONDS: `${drainSeconds}`,
    };
}
