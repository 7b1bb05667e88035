import { APIService } from "@pulumi/kubernetes/apiregistration/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1";
import type { apps, networking, rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources, waitFor } from "../conventions";
import { type Images, withImages } from "../images";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkWhole, type Problem, reject } from "../problems";

export interface MetricsServerManifestsArgs {
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Whether kubelets may present a certificate that the cluster's CA did not sign. @default false */
    readonly kubeletInsecureTls?: boolean | undefined;
    /** How old figures may get: seconds between two readings of every kubelet, 10 to 300. @default 15 */
    readonly resolutionSeconds?: number | undefined;
}

const app = "metrics-server";
const namespace = "kube-system";
const port = 10250;

/**
 * The resource metrics API (`metrics.k8s.io`): what `kubectl top` and autoscalers on CPU or memory read.
 * It lives in kube-system, where every distribution puts it.
 *
 * @throws pulumi.ResourceError when `resolutionSeconds` is out of range.
 */
export class MetricsServerManifests extends pulumi.ComponentResource {
    constructor(name: string, args: MetricsServerManifestsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:MetricsServerManifests", name, args, opts);
        reject(this, validateMetricsServer(args));
        const child = { parent: this };
        const labels = appLabel(app);

        const identity = new ServiceIdentity(
            `${name}-identity`,
            {
                account: app,
                namespace,
                clusterRules: metricsServerRules,
                existingClusterRoles: ["system:auth-delegator"],
                existingRoles: [{ namespace, role: "extension-apiserver-authentication-reader" }],
            },
            child,
        );
        new ClusterRole(`${name}-reader`, metricsReader, child);
        new NetworkPolicy(name, { metadata: { name: app, namespace }, spec: metricsServerPolicy }, child);
        const deployment = new Deployment(
            name,
            { metadata: { name: app, namespace, labels }, spec: metricsServerSpec(args) },
            { parent: this, dependsOn: identity },
        );
        const service = new Service(
            name,
            {
                metadata: { name: app, namespace, labels },
                spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
            },
            child,
        );
        new APIService(
            name,
            {
                metadata: { name: "v1beta1.metrics.k8s.io", annotations: waitFor("Available") },
                spec: {
                    group: "metrics.k8s.io",
                    version: "v1beta1",
                    groupPriorityMinimum: 100,
                    versionPriority: 100,
                    // metrics-server signs its own certificate at every start.
                    insecureSkipTLSVerify: true,
                    service: { name: service.metadata.name, namespace },
                },
            },
            { parent: this, dependsOn: deployment },
        );

        this.registerOutputs();
    }
}

/** Problems with the arguments. */
export function validateMetricsServer(args: MetricsServerManifestsArgs): Problem[] {
    return checkWhole("resolutionSeconds", args.resolutionSeconds, 10, 300);
}

/** The server's Deployment. */
export function metricsServerSpec(args: MetricsServerManifestsArgs): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(app) },
        template: {
            metadata: { labels: appLabel(app) },
            spec: {
                serviceAccountName: app,
                automountServiceAccountToken: true,
                priorityClassName: "system-cluster-critical",
                securityContext: podSecurity,
                containers: [
                    {
                        name: app,
                        image: withImages(args.images).metricsServer,
                        imagePullPolicy: "IfNotPresent",
                        args: [
                            "--cert-dir=/tmp",
                            `--secure-port=${port}`,
                            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                            "--kubelet-use-node-status-port",
                            `--metric-resolution=${args.resolutionSeconds ?? 15}s`,
                            ...(args.kubeletInsecureTls ? ["--kubelet-insecure-tls"] : []),
                        ],
                        ports: [{ name: "https", containerPort: port }],
                        // Ready only after its first round of readings, so failures at the start are usual.
                        readinessProbe: {
                            httpGet: { path: "/readyz", port: "https", scheme: "HTTPS" },
                            periodSeconds: 2,
                        },
                        livenessProbe: {
                            httpGet: { path: "/livez", port: "https", scheme: "HTTPS" },
                            initialDelaySeconds: 10,
                        },
                        resources: resources(["20m", "500m"], ["48Mi", "256Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                    },
                ],
                volumes: [{ name: "tmp", emptyDir: {} }],
            },
        },
    };
}

/** What the server may read. */
export const metricsServerRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
];

/** Lets everybody who may view a namespace read its pods' figures. */
export const metricsReader = {
    metadata: {
        name: "system:aggregated-metrics-reader",
        labels: {
            "rbac.authorization.k8s.io/aggregate-to-view": "true",
            "rbac.authorization.k8s.io/aggregate-to-edit": "true",
            "rbac.authorization.k8s.io/aggregate-to-admin": "true",
        },
    },
    rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
};

/** kube-system is not ours to close, so only the server's own pods are: the API server in; kubelets, API and DNS out. */
export const metricsServerPolicy: networking.v1.NetworkPolicySpec = {
    podSelector: { matchLabels: appLabel(app) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: [{ protocol: "TCP", port }] }],
    egress: [
        {
            ports: [
                { protocol: "TCP", port: 443 },
                { protocol: "TCP", port: 6443 },
                { protocol: "TCP", port: 10250 },
                { protocol: "UDP", port: 53 },
                { protocol: "TCP", port: 53 },
            ],
        },
    ],
};
