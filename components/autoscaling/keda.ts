import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { type ClusterFacts, checkApiOwner } from "../cluster/cluster-facts";
import { checkQuota, SecureNamespace } from "../namespaces/secure-namespace";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { kedaOpenings } from "./keda/openings";
import { kedaApp, kedaValues, metricsServerApp } from "./keda/values";

export interface KedaArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into. @default "keda" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /**
     * What is known of the cluster (`readClusterFacts`). Where another server provides the external metrics API,
     * the component is refused. @default unknown: it is installed
     */
    readonly facts?: Pick<ClusterFacts, "apiServices"> | undefined;
    /** Namespaces, existing ones, in which it scales workloads. @default all */
    readonly watchNamespaces?: readonly string[] | undefined;
    /**
     * Pods of each of its parts (operator, metrics server, webhooks), 1 to 3; with two or more a disruption budget
     * keeps one. One operator works, the others stand by. @default 1
     */
    readonly replicas?: number | undefined;
    /**
     * Whether its definitions, and with them every ScaledObject, stay in the cluster when it is removed.
     * @default true
     */
    readonly keepCrds?: boolean | undefined;
    /**
     * Whether Prometheus scrapes it, by ServiceMonitors; needs the CRDs of the prometheus-operator: depend on
     * KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: KedaValues | undefined;
}

/** The chart's keys that this component sets. */
export interface KedaValues extends Values {
    readonly operator?: Values;
    readonly metricsServer?: Values;
    readonly webhooks?: Values;
    readonly image?: Values;
    readonly crds?: Values;
    readonly watchNamespace?: string;
    readonly certificates?: Values;
    readonly enableServiceLinks?: boolean;
    readonly resources?: Values;
    readonly podDisruptionBudget?: Values;
    readonly prometheus?: Values;
}

/**
 * KEDA: scales workloads on events, from and to zero, and provides the external metrics API
 * (`external.metrics.k8s.io`). Its admission webhooks refuse a ScaledObject that contradicts another; while they
 * are away, it is let through.
 *
 * Depend on this component for a ScaledObject or a TriggerAuthentication: both carry finalizers that only a
 * running operator removes.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range, and an API that has an owner already.
 */
export class Keda extends pulumi.ComponentResource {
    constructor(name: string, args: KedaArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Keda", name, {}, opts);
        reject(this, validateKeda(args));
        const namespace = args.namespace ?? kedaApp;

        const home = new SecureNamespace(
            `${name}-namespace`,
            { namespace, quota: args.quota, openings: kedaOpenings(args) },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        installChart(
            name,
            {
                chart: "keda",
                release: kedaApp,
                namespace,
                values: kedaValues(args),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: [home] },
        );

        this.registerOutputs();
    }
}

/** Problems with the arguments. */
export function validateKeda(args: KedaArgs): Problem[] {
    const service = `${args.namespace ?? kedaApp}/${metricsServerApp}`;
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkWatchNamespaces("watchNamespaces", args.watchNamespaces),
        ...checkWhole("replicas", args.replicas, 1, 3),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["keda"]),
        ...checkApiOwner("facts", "v1beta1.external.metrics.k8s.io", service, args.facts),
    ];
}

/** Problems with the namespaces to watch. None at all is refused, since KEDA takes that for all of them. */
export function checkWatchNamespaces(property: string, given: readonly string[] | undefined): Problem[] {
    return given?.length === 0
        ? [
              {
                  property,
                  given,
                  allowed: "at least one namespace",
                  fix: `name one, or leave ${property} out to watch all`,
              },
          ]
        : (given ?? []).flatMap((name, i) => checkName(`${property}[${i}]`, name));
}
