import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { APIService } from "@pulumi/kubernetes/apiregistration/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, waitFor } from "../conventions";
import { type Images, withImages } from "../images";
import { serviceMonitor } from "../monitoring/monitors";
import { SecureNamespace } from "../namespaces/secure-namespace";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkName, type Problem, reject } from "../problems";
import { certificates } from "./keda/certificates";
import { kedaMetricsApiserverSpec, metricsApiserverApp } from "./keda/metrics-apiserver";
import { kedaOpenings } from "./keda/openings";
import { kedaClusterRules, kedaNamespaceRules, kedaOperatorSpec, operatorApp } from "./keda/operator";

export interface KedaManifestsArgs {
    /** Namespace to create and install into. @default "keda" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
}

/**
 * KEDA: scales workloads on events, from and to zero. Its operator polls the event sources, its metrics API
 * server hands the figures to the HorizontalPodAutoscalers that the operator makes.
 *
 * The CustomResourceDefinitions of KEDA (same version) must be in the cluster. Depend on this component
 * for a ScaledObject or a TriggerAuthentication: both carry finalizers that only a running operator removes.
 * No admission webhooks are installed: a ScaledObject that contradicts another is not refused, it reports an error.
 *
 * @throws pulumi.ResourceError when a namespace is not a Kubernetes name.
 */
export class KedaManifests extends pulumi.ComponentResource {
    constructor(name: string, args: KedaManifestsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:KedaManifests", name, args, opts);
        reject(this, validateKeda(args));
        const images = withImages(args.images);
        const child = { parent: this };

        const { namespace } = createNamespace();
        const operator = createOperator();
        const metricsApiserver = createMetricsApiserver();
        createExternalMetricsApi();
        createMonitors();

        this.registerOutputs();

        function createNamespace() {
            const openings = kedaOpenings(args.monitoringNamespace ?? "monitoring");
            return new SecureNamespace(
                `${name}-namespace`,
                { namespace: args.namespace ?? "keda", openings },
                child,
            );
        }

        function createOperator() {
            const identity = new ServiceIdentity(
                `${name}-operator-identity`,
                {
                    account: operatorApp,
                    namespace,
                    clusterRules: kedaClusterRules,
                    namespaceRules: { own: { namespace, rules: kedaNamespaceRules } },
                },
                child,
            );
            createService(`${name}-operator`, operatorApp, [
                { name: "grpc", port: 9666, targetPort: "grpc" },
                { name: "metrics", port: 8080, targetPort: "metrics" },
            ]);
            return new Deployment(
                `${name}-operator`,
                { metadata: { name: operatorApp, namespace }, spec: kedaOperatorSpec(images) },
                { ...child, dependsOn: identity },
            );
        }

        function createMetricsApiserver() {
            const identity = new ServiceIdentity(
                `${name}-metrics-identity`,
                {
                    account: metricsApiserverApp,
                    namespace,
                    existingClusterRoles: ["system:auth-delegator"],
                    existingRoles: [
                        { namespace: "kube-system", role: "extension-apiserver-authentication-reader" },
                    ],
                },
                child,
            );
            createService(`${name}-metrics`, metricsApiserverApp, [
                { name: "https", port: 443, targetPort: "https" },
                { name: "metrics", port: 8080, targetPort: "metrics" },
            ]);
            return new Deployment(
                `${name}-metrics`,
                {
                    metadata: { name: metricsApiserverApp, namespace },
                    spec: kedaMetricsApiserverSpec(images),
                },
                // The operator makes the certificates that this one mounts.
                { ...child, dependsOn: [identity, operator] },
            );
        }

        function createService(
            resourceName: string,
            app: string,
            ports: pulumi.Input<core.v1.ServicePort>[],
        ) {
            return new Service(
                resourceName,
                {
                    metadata: { name: app, namespace, labels: appLabel(app) },
                    spec: { selector: appLabel(app), ports },
                },
                child,
            );
        }

        function createExternalMetricsApi() {
            return new APIService(
                `${name}-external-metrics`,
                {
                    metadata: { name: certificates.apiService, annotations: waitFor("Available") },
                    spec: {
                        group: "external.metrics.k8s.io",
                        version: "v1beta1",
                        groupPriorityMinimum: 100,
                        versionPriority: 100,
                        service: { name: metricsApiserverApp, namespace },
                    },
                },
                { ...child, dependsOn: metricsApiserver },
            );
        }

        function createMonitors() {
            for (const app of [operatorApp, metricsApiserverApp]) {
                const keep = "keda_.+|process_(cpu_seconds_total|resident_memory_bytes)";
                new CustomResource(
                    `${name}-${app}-monitor`,
                    // The `namespace` of keda_* is that of the ScaledObject.
                    serviceMonitor({ app, namespace, port: "metrics", keep, honorLabels: true }),
                    child,
                );
            }
        }
    }
}

/** Problems with the arguments. */
export function validateKeda(args: KedaManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
    ];
}
