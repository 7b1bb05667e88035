import type { apps, core } from "@pulumi/kubernetes/types/input";
import { contentHash } from "../../content-hash";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { lokiApp, lokiFolders, lokiPort } from "./config";

export interface LokiSpecArgs {
    readonly images: Images;
    /** The most that it may hold on disk. */
    readonly size: string;
    /** The files of its ConfigMap. */
    readonly config: Readonly<Record<string, string>>;
}

/** The StatefulSet: one pod, so that the one before has ended when the next one starts. */
export function lokiSpec(args: LokiSpecArgs): apps.v1.StatefulSetSpec {
    return {
        serviceName: lokiApp,
        replicas: 1,
        selector: { matchLabels: appLabel(lokiApp) },
        template: {
            metadata: {
                labels: appLabel(lokiApp),
                // It reads its configuration once.
                annotations: { "checksum/config": contentHash(JSON.stringify(args.config)) },
            },
            spec: {
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                securityContext: podSecurity,
                containers: [container(args.images)],
                volumes: [
                    { name: "config", configMap: { name: lokiApp } },
                    { name: "data", emptyDir: { sizeLimit: args.size } },
                    { name: "tmp", emptyDir: {} },
                ],
            },
        },
    };
}

function container(images: Images): core.v1.Container {
    return {
        name: lokiApp,
        image: images.loki,
        imagePullPolicy: "IfNotPresent",
        args: ["-target=all", `-config.file=${lokiFolders.config}/loki.yaml`],
        // Garbage is collected before the limit ends it.
        env: [{ name: "GOMEMLIMIT", value: "220MiB" }],
        ports: [{ name: "http", containerPort: lokiPort }],
        readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 2 },
        livenessProbe: {
            httpGet: { path: "/loki/api/v1/status/buildinfo", port: "http" },
            initialDelaySeconds: 30,
            timeoutSeconds: 5,
        },
        resources: resources(["20m", "1"], ["96Mi", "256Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [
            { name: "config", mountPath: lokiFolders.config, readOnly: true },
            { name: "data", mountPath: lokiFolders.data },
            { name: "tmp", mountPath: "/tmp" },
        ],
    };
}
