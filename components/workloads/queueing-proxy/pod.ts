import type { apps } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles } from "../../program-files";
import { proxyMetricsPort, proxyPort } from "./haproxy-cfg";

export interface ProxyPodArgs {
    /** The most seconds for which it goes on when it is told to stop. */
    readonly drainSeconds: number;
    /** The most requests that it has at a time. */
    readonly requests: number;
}

/**
 * The most memory that the proxy gets, for so many requests at a time: 256 KiB each. HAProxy's manual (`maxconn` of a
 * proxy) counts 33 kB for a connection with its two buffers of 16 KiB; a request has two, as it passes two stages, and the
 * kernel counts what is in their sockets as the pod's. Measured are 12 KiB for a short request that waits, 92 with a body
 * of 64 KiB, and 615 with one of 1 MB.
 */
export function proxyMemory(requests: number): string {
    const [own, eachKiB, step] = [64, 256, 64];
    return `${Math.ceil((own + (requests * eachKiB) / 1024) / step) * step}Mi`;
}

/** The Deployment of the proxy: one pod, because two would be two queues. */
export function proxySpec(
    app: string,
    images: Images,
    source: pulumi.Input<string>,
    { drainSeconds, requests }: ProxyPodArgs,
): apps.v1.DeploymentSpec {
    const { volume, volumeMount } = mountFiles(source, "/etc/haproxy");
    return {
        replicas: 1,
        // The new one takes the requests that come, the old one ends with those that it has.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(app) },
        template: {
            metadata: { labels: appLabel(app) },
            spec: {
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                // Beside the hook's time, that of the stop itself.
                terminationGracePeriodSeconds: drainSeconds + 15,
                securityContext: podSecurity,
                containers: [
                    {
                        name: "haproxy",
                        image: images.haproxy,
                        imagePullPolicy: "IfNotPresent",
                        // Its image has it stopped by SIGUSR1: no connections any more, and an end with the last one that is open.
                        command: ["haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"],
                        ports: [
                            { name: "http", containerPort: proxyPort },
                            { name: "metrics", containerPort: proxyMetricsPort },
                        ],
                        readinessProbe: { httpGet: { path: "/healthz", port: "metrics" }, periodSeconds: 1 },
                        livenessProbe: {
                            httpGet: { path: "/healthz", port: "metrics" },
                            initialDelaySeconds: 10,
                            periodSeconds: 10,
                        },
                        lifecycle: { preStop: { httpGet: { path: "/drain", port: "metrics" } } },
                        resources: resources(["20m", "1"], ["32Mi", proxyMemory(requests)]),
                        securityContext: containerSecurity,
                        volumeMounts: [volumeMount],
                    },
                ],
                volumes: [volume],
            },
        },
    };
}
