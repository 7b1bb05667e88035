import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { softAntiAffinity } from "../anti-affinity";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { appLabel, resources } from "../conventions";
import { checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { checkIssuer, clusterIssuer, type Issuer, issuerName } from "./cert-manager/issuer";

export type { AcmeIssuer, Issuer, SelfSignedIssuer } from "./cert-manager/issuer";

export interface CertManagerArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into. @default "cert-manager" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** Who signs certificates, as a ClusterIssuer. @default none: bring your own */
    readonly issuer?: Issuer | undefined;
    /**
     * Whether the CustomResourceDefinitions stay when this component goes. Without them every Certificate of the
     * cluster is deleted. @default true
     */
    readonly keepCrds?: boolean | undefined;
    /** Pods of each of its three programs, 1 to 5; with two or more a disruption budget keeps one. @default 1 */
    readonly replicas?: number | undefined;
    /**
     * Whether Prometheus scrapes it, by a ServiceMonitor; needs the CRDs of the prometheus-operator: depend on
     * KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: CertManagerValues | undefined;
}

/** The chart's keys that this component sets. The chart refuses keys that it does not know. */
export interface CertManagerValues extends Values {
    readonly fullnameOverride?: string;
    readonly crds?: Values;
    readonly global?: Values;
    readonly replicaCount?: number;
    readonly podDisruptionBudget?: Values;
    readonly affinity?: core.v1.Affinity;
    readonly prometheus?: Values;
    readonly resources?: core.v1.ResourceRequirements;
    readonly webhook?: Values;
    readonly cainjector?: Values;
    readonly startupapicheck?: Values;
}

const app = "cert-manager";

/**
 * cert-manager: certificates as objects of the cluster, issued and renewed. An Ingress asks for one with the
 * annotation `cert-manager.io/cluster-issuer`. Certificates need this component: depend on it.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class CertManager extends pulumi.ComponentResource {
    /** Name of the ClusterIssuer, for the annotation and for `issuerRef`; none without `issuer`. */
    public readonly issuerName: string | undefined;

    constructor(name: string, args: CertManagerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:CertManager", name, {}, opts);
        reject(this, validateCertManager(args));
        const namespace = args.namespace ?? app;
        const first = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const home = new SecureNamespace(
            `${name}-namespace`,
            { namespace, quota: args.quota, openings: certManagerOpenings(args) },
            first,
        );
        const release = installChart(
            name,
            {
                chart: "certManager",
                release: app,
                namespace,
                values: certManagerValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );
        if (args.issuer !== undefined) {
            new CustomResource(`${name}-issuer`, clusterIssuer(args.issuer), {
                parent: this,
                dependsOn: [release],
                // It waits for an account at the ACME server: a wrong address or email is known by then.
                customTimeouts: { create: "3m", update: "3m" },
            });
        }

        this.issuerName = args.issuer && issuerName(args.issuer);
        this.registerOutputs({ issuerName: this.issuerName });
    }
}

/** Problems with the arguments. */
export function validateCertManager(args: CertManagerArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkIssuer("issuer", args.issuer),
        ...checkWhole("replicas", args.replicas, 1, 5),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["certManager"]),
    ];
}

/** The chart's values. */
export function certManagerValues(args: CertManagerArgs): CertManagerValues {
    const replicas = args.replicas ?? 1;
    const copies = (component: string) => ({
        replicaCount: replicas,
        podDisruptionBudget: { enabled: replicas > 1 },
        affinity: replicas > 1 ? softAntiAffinity(appLabel(component)) : {},
    });
    return {
        fullnameOverride: app,
        crds: { enabled: true, keep: args.keepCrds ?? true },
        // Not kube-system: so all its rights to write end in its own namespace.
        global: { leaderElection: { namespace: args.namespace ?? app } },
        ...copies(app),
        resources: resources(["25m", "1"], ["64Mi", "512Mi"]),
        webhook: { ...copies("webhook"), resources: resources(["10m", "500m"], ["32Mi", "128Mi"]) },
        cainjector: { ...copies("cainjector"), resources: resources(["25m", "1"], ["64Mi", "512Mi"]) },
        startupapicheck: { resources: resources(["10m", "500m"], ["32Mi", "128Mi"]) },
        // The chart makes it whether the definition is there or not.
        prometheus: { servicemonitor: { enabled: args.monitored ?? false } },
    };
}

/** What goes in and out of the namespace. */
export function certManagerOpenings(args: CertManagerArgs): Opening[] {
    const scraping: Opening = {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace: args.monitoringNamespace ?? "monitoring" },
        ports: [9402],
    };
    return [
        // The API server, which is no pod, asks it about every object of cert-manager's.
        {
            name: "webhook-from-api",
            pods: appLabel("webhook"),
            direction: "ingress",
            peer: "anywhere",
            ports: [10250],
        },
        { name: "api", direction: "egress", peer: "anywhere", ports: [443, 6443] },
        // ACME servers, DNS servers, and the hosts whose challenges it looks up before the ACME server does.
        { name: "controller-to-issuers", pods: appLabel(app), direction: "egress", peer: "anywhere" },
        ...(args.monitored ? [scraping] : []),
    ];
}
