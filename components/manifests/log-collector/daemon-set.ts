import type { apps, core } from "@pulumi/kubernetes/types/input";
import { contentHash } from "../../content-hash";
import { appLabel, containerSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import {
    collectorApp,
    collectorFolders,
    collectorHealthPort,
    collectorMemoryMiB,
    collectorMetricsPort,
    nodeVariable,
} from "./config";

/** The DaemonSet: root without any capability, as the files of pods are root's, which it mounts read-only. */
export function collectorSpec(
    images: Images,
    config: Readonly<Record<string, string>>,
): apps.v1.DaemonSetSpec {
    return {
        selector: { matchLabels: appLabel(collectorApp) },
        template: {
            metadata: {
                labels: appLabel(collectorApp),
                // It reads its configuration once.
                annotations: { "checksum/config": contentHash(JSON.stringify(config)) },
            },
            spec: {
                serviceAccountName: collectorApp,
                automountServiceAccountToken: true,
                enableServiceLinks: false,
                securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: "RuntimeDefault" } },
                tolerations: [{ operator: "Exists" }],
                containers: [container(images)],
                volumes: [
                    { name: "config", configMap: { name: collectorApp } },
                    { name: "pods", hostPath: { path: collectorFolders.pods } },
                    {
                        name: "state",
                        hostPath: { path: collectorFolders.state, type: "DirectoryOrCreate" },
                    },
                ],
            },
        },
    };
}

function container(images: Images): core.v1.Container {
    return {
        name: collectorApp,
        image: images.otelCollector,
        imagePullPolicy: "IfNotPresent",
        args: [`--config=${collectorFolders.config}/config.yaml`],
        env: [
            { name: nodeVariable, valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
            // Garbage is collected before lines have to wait.
            { name: "GOMEMLIMIT", value: `${(collectorMemoryMiB / 5) * 4}MiB` },
        ],
        ports: [
            { name: "metrics", containerPort: collectorMetricsPort },
            { name: "health", containerPort: collectorHealthPort },
        ],
        readinessProbe: { httpGet: { path: "/", port: "health" }, periodSeconds: 2 },
        livenessProbe: { httpGet: { path: "/", port: "health" }, initialDelaySeconds: 30, timeoutSeconds: 5 },
        resources: resources(["20m", "500m"], ["64Mi", "128Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [
            { name: "config", mountPath: collectorFolders.config, readOnly: true },
            { name: "pods", mountPath: collectorFolders.pods, readOnly: true },
            { name: "state", mountPath: collectorFolders.state },
        ],
    };
}
