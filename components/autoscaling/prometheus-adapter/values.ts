import { softAntiAffinity } from "../../anti-affinity";
import { appLabel, resources } from "../../conventions";
import { newerThan } from "../autoscaler/freshness";
import type { PrometheusAdapterArgs, PrometheusAdapterValues } from "../prometheus-adapter";
import { prometheusAddress } from "./prometheus-url";

/** Name of its release, Deployment and Service. */
export const adapterApp = "prometheus-adapter";

/** What the names of series begin with that become metrics. */
export const signalPrefix = "autoscaler:";

/** The metric that a series becomes: `autoscaler:demand` is `autoscaler_demand`, since colons do not suit a path. */
export function metricOfSignal(series: string): string {
    return series.replace(signalPrefix, "autoscaler_");
}

/**
 * The one rule. A series is a metric of every object that its labels name, and at least of its namespace. There an
 * autoscaler finds it as a metric of the kind Object, of the Namespace, selected by the label `autoscaler`.
 */
export const signalRule = {
    seriesQuery: '{__name__=~"^autoscaler:.*",namespace!=""}',
    resources: {
        overrides: {
            namespace: { resource: "namespace" },
            pod: { resource: "pod" },
            service: { resource: "service" },
            deployment: { group: "apps", resource: "deployment" },
        },
    },
    name: { matches: "^autoscaler:(.*)$", as: "autoscaler_$1" },
    // As long as it is recorded: a rule that fails leaves its last value. Two Prometheus servers record the same twice.
    metricsQuery: `max(${newerThan("<<.Series>>{<<.LabelMatchers>>}", 60)}) by (<<.GroupBy>>)`,
};

/** How long Prometheus takes a series for current after its last sample, in seconds. */
const staleSeconds = 300;

/**
 * How old the last sample of a series may be that is a metric, in seconds. By default the adapter looks back only to
 * the list before: a series that is recorded less often would come and go.
 */
export function maxAgeSeconds(relistSeconds: number): number {
    return Math.max(relistSeconds, staleSeconds);
}

/** The chart's values. */
export function prometheusAdapterValues(args: PrometheusAdapterArgs): PrometheusAdapterValues {
    const { scheme, hostname, port, path } = prometheusAddress(args.prometheusUrl);
    const relistSeconds = args.relistSeconds ?? 15;
    const replicas = args.replicas ?? 1;
    return {
        fullnameOverride: adapterApp,
        // Without a port the chart writes none.
        prometheus: { url: `${scheme}://${hostname}`, port: port ?? 0, path },
        metricsRelistInterval: `${relistSeconds}s`,
        extraArguments: [`--metrics-max-age=${maxAgeSeconds(relistSeconds)}s`],
        // The chart's rules make a metric of everything in Prometheus.
        rules: { default: false, custom: [signalRule] },
        replicas,
        affinity: replicas > 1 ? softAntiAffinity(appLabel(adapterApp)) : {},
        podDisruptionBudget: replicas > 1 ? { enabled: true, maxUnavailable: 1 } : { enabled: false },
        // It serves within a few seconds; the chart waits for 30.
        readinessProbe: { initialDelaySeconds: 1, periodSeconds: 5 },
        resources: resources(["50m", "500m"], ["64Mi", "256Mi"]),
    };
}
