import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { checkIngress, type HostIngress } from "../ingress/host-ingress";
import { meshLabels } from "../ingress/istio/mesh";
import { checkQuota, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, checkNodePort, checkWhole, type Problem, reject } from "../problems";
import { podinfoOpenings } from "./podinfo/openings";
import { httpPort, podinfoApp, podinfoValues } from "./podinfo/values";

export interface PodinfoArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into. @default "podinfo" */
    readonly namespace?: string | undefined;
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
     * Whether its pods get a sidecar of Istio. Depend on Istio, with its CNI plugin: without it the sidecar's
     * set-up needs more than the Pod Security level "restricted" allows. @default false
     */
    readonly mesh?: boolean | undefined;
    /** Namespace of istiod. @default "istio-system" */
    readonly meshNamespace?: string | undefined;
    /**
     * Whether Prometheus scrapes it, by a ServiceMonitor; needs the CRDs of the prometheus-operator: depend on
     * KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often it is scraped, as a duration such as "5s". @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes the sidecars. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: PodinfoValues | undefined;
}

/** The chart's keys that this component sets. */
export interface PodinfoValues extends Values {
    readonly replicaCount?: number | "";
    readonly affinity?: object;
    readonly podDisruptionBudget?: Values;
    readonly service?: Values;
    readonly serviceAccount?: Values;
    readonly serviceMonitor?: Values;
    readonly ingress?: Values;
    readonly podSecurityContext?: object;
    readonly securityContext?: object;
    readonly resources?: object;
}

/**
 * podinfo: a small web application to show things on, and to put load on. It answers on HTTP, with delays and
 * errors on request, and counts what it answers in `http_requests_total` and `http_request_duration_seconds`.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class Podinfo extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    public readonly url: string;

    constructor(name: string, args: PodinfoArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Podinfo", name, {}, opts);
        reject(this, validatePodinfo(args));
        const namespace = args.namespace ?? podinfoApp;

        const home = new SecureNamespace(
            `${name}-namespace`,
            {
                namespace,
                quota: args.quota,
                labels: args.mesh ? meshLabels() : {},
                openings: podinfoOpenings(args),
            },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        installChart(
            name,
            {
                chart: "podinfo",
                release: podinfoApp,
                namespace,
                values: podinfoValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );

        this.url = `http://${podinfoApp}.${namespace}.svc:${httpPort}`;
        this.registerOutputs({ url: this.url });
    }
}

/** Problems with the arguments. */
export function validatePodinfo(args: PodinfoArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkWhole("replicas", args.replicas, 1, 50),
        ...checkReplicas(args),
        ...checkNodePort("nodePort", args.nodePort),
        ...checkIngress("ingress", args.ingress),
        ...checkName("meshNamespace", args.meshNamespace),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["podinfo"]),
    ];
}

/** The problem with a number of pods that two would set, if there is one. */
export function checkReplicas({
    replicas,
    autoscaled,
}: Pick<PodinfoArgs, "replicas" | "autoscaled">): Problem[] {
    return autoscaled && replicas !== undefined
        ? [
              {
                  property: "replicas",
                  given: replicas,
                  allowed: "no number where autoscaled is true: the autoscaler sets it",
                  fix: "leave replicas out, and give the autoscaler its least number",
              },
          ]
        : [];
}
