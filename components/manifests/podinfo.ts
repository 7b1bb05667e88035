import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { Ingress } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import { checkIngress, type HostIngress, hostIngress } from "../ingress/host-ingress";
import { serviceMonitor } from "../monitoring/monitors";
import { acmeSolverOpening, checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, checkNodePort, checkWhole, type Problem, reject } from "../problems";
import { checkReplicas } from "../workloads/podinfo";
import { httpPort, podinfoApp } from "../workloads/podinfo/values";
import { podinfoMetricsPort, podinfoSpec } from "./podinfo/deployment";

export interface PodinfoManifestsArgs {
    /** Namespace to create and install into. @default "podinfo" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** Pods, 1 to 50; with two or more a disruption budget lets one go at a time. @default 1 */
    readonly replicas?: number | undefined;
    /**
     * Whether an autoscaler sets the number of pods. The Deployment then says nothing of it, so that no run of
     * Pulumi takes back what the autoscaler did. @default false
     */
    readonly autoscaled?: boolean | undefined;
    /** Port on every node, 30000 to 32767. @default none, it is reached inside the cluster only */
    readonly nodePort?: number | undefined;
    /** How an ingress controller serves it. @default not at all */
    readonly ingress?: HostIngress | undefined;
    /**
     * Whether Prometheus scrapes it, by a ServiceMonitor; needs the CustomResourceDefinitions of the
     * prometheus-operator. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often it is scraped, as a duration such as "5s". @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
}

/**
 * podinfo without its chart, for clusters that have none: the same application under the same names. Its counters tell
 * of clients alone: probes and scrapes, which it counts like any other request, go where it does not.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class PodinfoManifests extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    public readonly url: string;
    /** What an autoscaler has to wait for, and its target. */
    public readonly deployment: Deployment;

    constructor(name: string, args: PodinfoManifestsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:PodinfoManifests", name, {}, opts);
        reject(this, validatePodinfoManifests(args));
        const namespaceName = args.namespace ?? podinfoApp;
        const labels = appLabel(podinfoApp);
        const child = { parent: this };

        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            { namespace: namespaceName, quota: args.quota, openings: podinfoManifestsOpenings(args) },
            { ...child, dependsOn: opts?.dependsOn ?? [] },
        );
        const metadata = { name: podinfoApp, namespace, labels };
        // Its own and without any rights, as with the chart: a mesh tells workloads apart by their accounts.
        const account = new ServiceAccount(name, { metadata, automountServiceAccountToken: false }, child);
        const spec = podinfoSpec(args, withImages(args.images));
        this.deployment = new Deployment(name, { metadata, spec }, { ...child, dependsOn: account });
        new Service(name, { metadata, spec: podinfoService(args) }, child);
        if ((args.replicas ?? 1) > 1) {
            const budget = { maxUnavailable: 1, selector: { matchLabels: labels } };
            new PodDisruptionBudget(name, { metadata, spec: budget }, child);
        }
        if (args.monitored) new CustomResource(`${name}-monitor`, podinfoMonitor(args, namespace), child);
        if (args.ingress) {
            const after = { ...child, dependsOn: this.deployment };
            new Ingress(name, hostIngress(podinfoApp, namespace, args.ingress), after);
        }

        this.url = `http://${podinfoApp}.${namespaceName}.svc:${httpPort}`;
        this.registerOutputs({ url: this.url });
    }
}

/** Its Service: the port for clients, and the one for Prometheus. */
export function podinfoService({ nodePort }: Pick<PodinfoManifestsArgs, "nodePort">) {
    return {
        type: nodePort === undefined ? "ClusterIP" : "NodePort",
        selector: appLabel(podinfoApp),
        ports: [
            { name: "http", port: httpPort, targetPort: "http", ...(nodePort !== undefined && { nodePort }) },
            { name: "metrics", port: podinfoMetricsPort, targetPort: "metrics" },
        ],
    };
}

function podinfoMonitor({ scrapeInterval }: PodinfoManifestsArgs, namespace: pulumi.Input<string>) {
    return serviceMonitor({
        app: podinfoApp,
        namespace,
        port: "metrics",
        interval: scrapeInterval ?? "15s",
        keep: "http_.*|process_.*|go_(goroutines|memstats_alloc_bytes)",
    });
}

/** Problems with the arguments. */
export function validatePodinfoManifests(args: PodinfoManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkWhole("replicas", args.replicas, 1, 50),
        ...checkReplicas(args),
        ...checkNodePort("nodePort", args.nodePort),
        ...checkIngress("ingress", args.ingress),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
    ];
}

/** What goes in and out of the namespace: clients from anywhere, Prometheus where it scrapes. */
export function podinfoManifestsOpenings(args: PodinfoManifestsArgs): Opening[] {
    const { monitored, monitoringNamespace: namespace = "monitoring", ingress } = args;
    const clients = { name: "clients", direction: "ingress", peer: "anywhere", ports: [httpPort] } as const;
    const metrics = {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace },
        ports: [podinfoMetricsPort],
    } as const;
    return [
        clients,
        ...(monitored ? [metrics] : []),
        ...(ingress?.clusterIssuer === undefined ? [] : [acmeSolverOpening]),
    ];
}
