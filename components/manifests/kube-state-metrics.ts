import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import { serviceMonitor } from "../monitoring/monitors";
import { type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkDuration, checkName, type Problem, reject } from "../problems";
import {
    customResourcesConfig,
    stateMetricsApp,
    stateMetricsRules,
    stateMetricsSpec,
} from "./kube-state-metrics/deployment";

export interface KubeStateMetricsManifestsArgs {
    /** Namespace to create and install into. @default "kube-state-metrics" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** How often the state is scraped, as a duration such as "5s". @default the server's scrape interval */
    readonly scrapeInterval?: string | undefined;
}

/**
 * The state of objects as series: of autoscalers, ScaledObjects, Deployments, StatefulSets, pods, nodes,
 * quotas and disruption budgets. Alerts on autoscalers are written on these.
 *
 * ScaledObjects are told of as soon as they are defined. The CustomResourceDefinitions of the prometheus-operator
 * must be in the cluster, for the monitor.
 *
 * @throws pulumi.ResourceError when a namespace is not a Kubernetes name, or the interval no duration.
 */
export class KubeStateMetricsManifests extends pulumi.ComponentResource {
    constructor(
        name: string,
        args: KubeStateMetricsManifestsArgs = {},
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("pulumi-kube-observability:index:KubeStateMetricsManifests", name, args, opts);
        reject(this, validateKubeStateMetrics(args));
        const child = { parent: this };
        const labels = appLabel(stateMetricsApp);
        const openings = stateMetricsOpenings(args.monitoringNamespace ?? "monitoring");

        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            { namespace: args.namespace ?? stateMetricsApp, openings },
            child,
        );
        const metadata = { name: stateMetricsApp, namespace, labels };
        const identity = new ServiceIdentity(
            `${name}-identity`,
            { account: stateMetricsApp, namespace, clusterRules: stateMetricsRules },
            child,
        );
        const config = new ConfigMap(name, { metadata, data: customResourcesConfig }, child);
        new Deployment(
            name,
            { metadata, spec: stateMetricsSpec(withImages(args.images)) },
            { ...child, dependsOn: [identity, config] },
        );
        new Service(
            name,
            {
                metadata,
                spec: {
                    selector: labels,
                    ports: [{ name: "metrics", port: 8080, targetPort: "metrics" }],
                },
            },
            child,
        );
        new CustomResource(
            `${name}-monitor`,
            serviceMonitor({
                app: stateMetricsApp,
                namespace,
                port: "metrics",
                interval: args.scrapeInterval,
                // `namespace` and `pod` are those of the object that is told of.
                honorLabels: true,
            }),
            child,
        );

        this.registerOutputs();
    }
}

/** Problems with the arguments. */
export function validateKubeStateMetrics(args: KubeStateMetricsManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
    ];
}

/** What goes in and out of the namespace. */
export function stateMetricsOpenings(monitoringNamespace: string): Opening[] {
    return [
        { name: "api-server", direction: "egress", peer: "anywhere", ports: [443, 6443] },
        {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: monitoringNamespace },
            ports: [8080],
        },
    ];
}
