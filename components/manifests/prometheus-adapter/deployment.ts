import type { apps, core, rbac } from "@pulumi/kubernetes/types/input";
import { adapterApp, maxAgeSeconds, signalRule } from "../../autoscaling/prometheus-adapter/values";
import { contentHash } from "../../content-hash";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";

/** Port on which it serves the API. */
export const adapterPort = 6443;

/** Where its configuration is mounted. */
const config = { folder: "/etc/adapter", file: "config.yaml" } as const;

/** Its configuration file: the one rule. JSON is YAML. */
export const adapterConfig = { [config.file]: JSON.stringify({ rules: [signalRule] }) };

/**
 * What it may read: the names of the objects of which a series can be a metric, for a question about
 * several by their labels. A question about one object, as an autoscaler on a Namespace asks, reads nothing.
 */
export const adapterRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["namespaces", "pods", "services"], verbs: ["list"] },
    { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] },
];

export interface AdapterSpecArgs {
    readonly images: Images;
    readonly prometheusUrl: string;
    readonly relistSeconds: number;
}

/** The Deployment. */
export function adapterSpec(args: AdapterSpecArgs): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(adapterApp) },
        template: {
            metadata: {
                labels: appLabel(adapterApp),
                // It reads its configuration once.
                annotations: { "checksum/config": contentHash(adapterConfig[config.file]) },
            },
            spec: {
                serviceAccountName: adapterApp,
                automountServiceAccountToken: true,
                securityContext: podSecurity,
                containers: [container(args)],
                volumes: [
                    { name: "tmp", emptyDir: {} },
                    { name: "config", configMap: { name: adapterApp } },
                ],
            },
        },
    };
}

function container({ images, prometheusUrl, relistSeconds }: AdapterSpecArgs): core.v1.Container {
    return {
        name: adapterApp,
        image: images.prometheusAdapter,
        imagePullPolicy: "IfNotPresent",
        args: [
            `--secure-port=${adapterPort}`,
            "--cert-dir=/tmp/cert",
            `--prometheus-url=${prometheusUrl}`,
            `--metrics-relist-interval=${relistSeconds}s`,
            `--metrics-max-age=${maxAgeSeconds(relistSeconds)}s`,
            `--config=${config.folder}/${config.file}`,
        ],
        ports: [{ name: "https", containerPort: adapterPort }],
        readinessProbe: {
            httpGet: { path: "/readyz", port: "https", scheme: "HTTPS" },
            initialDelaySeconds: 1,
            periodSeconds: 2,
        },
        livenessProbe: {
            httpGet: { path: "/livez", port: "https", scheme: "HTTPS" },
            initialDelaySeconds: 15,
        },
        resources: resources(["20m", "500m"], ["48Mi", "256Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            { name: "config", mountPath: config.folder, readOnly: true },
        ],
    };
}
