import type { apps, core, rbac } from "@pulumi/kubernetes/types/input";
import { definitionRules, scaledObjectRules, scaledObjectState } from "../../autoscaling/scaled-object-state";
import { contentHash } from "../../content-hash";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";

/** Name of the Deployment, Service, account and namespace. */
export const stateMetricsApp = "kube-state-metrics";

/** Where the configuration for custom resources is mounted. */
const customResources = { folder: "/etc/kube-state-metrics", file: "custom-resources.json" } as const;

/** The kinds of objects that it tells of, and the API group of each. */
const kinds = {
    deployments: "apps",
    horizontalpodautoscalers: "autoscaling",
    nodes: "",
    poddisruptionbudgets: "policy",
    pods: "",
    resourcequotas: "",
    statefulsets: "apps",
} as const;

/** What it may read: the kinds that it tells of, and no more. */
export const stateMetricsRules: rbac.v1.PolicyRule[] = [
    ...Object.entries(kinds).map(([resource, group]) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: ["list", "watch"],
    })),
    ...scaledObjectRules,
    ...definitionRules,
];

/** Its configuration file; JSON is YAML. */
export const customResourcesConfig = { [customResources.file]: JSON.stringify(scaledObjectState) };

/** The Deployment. */
export function stateMetricsSpec(images: Images): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        // Two at a time would tell of every object twice.
        strategy: { type: "Recreate" },
        selector: { matchLabels: appLabel(stateMetricsApp) },
        template: {
            metadata: {
                labels: appLabel(stateMetricsApp),
                // It reads its configuration once.
                annotations: { "checksum/config": contentHash(customResourcesConfig[customResources.file]) },
            },
            spec: {
                serviceAccountName: stateMetricsApp,
                automountServiceAccountToken: true,
                securityContext: podSecurity,
                containers: [container(images)],
                volumes: [{ name: "config", configMap: { name: stateMetricsApp } }],
            },
        },
    };
}

function container(images: Images): core.v1.Container {
    return {
        name: stateMetricsApp,
        image: images.kubeStateMetrics,
        imagePullPolicy: "IfNotPresent",
        args: [
            "--port=8080",
            "--telemetry-port=8081",
            `--resources=${Object.keys(kinds).join(",")}`,
            `--custom-resource-state-config-file=${customResources.folder}/${customResources.file}`,
        ],
        ports: [
            { name: "metrics", containerPort: 8080 },
            { name: "telemetry", containerPort: 8081 },
        ],
        readinessProbe: {
            httpGet: { path: "/readyz", port: "telemetry" },
            initialDelaySeconds: 1,
            periodSeconds: 2,
        },
        livenessProbe: { httpGet: { path: "/livez", port: "metrics" }, initialDelaySeconds: 10 },
        resources: resources(["10m", "500m"], ["32Mi", "256Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [{ name: "config", mountPath: customResources.folder, readOnly: true }],
    };
}
