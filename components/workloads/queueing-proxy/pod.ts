import type { apps } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { mountFiles } from "../../program-files";
import { proxyMetricsPort, proxyPort } from "./haproxy-cfg";

/** The Deployment of the proxy: one pod, because two would be two queues. */
export function proxySpec(
    app: string,
    images: Images,
    source: pulumi.Input<string>,
    drainSeconds: number,
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
                        resources: resources(["20m", "1"], ["32Mi", "512Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [volumeMount],
                    },
                ],
                volumes: [volume],
            },
        },
    };
}
