import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../../charts/chart-source";
import { installChart, type Values } from "../../charts/install-chart";
import type { ChartKey } from "../../charts/pins";
import { podMonitor, prometheusRule, type RuleGroup } from "../../monitoring/monitors";
import { fluentBitApp, fluentBitMetrics, fluentBitPort, fluentBitValues } from "./fluent-bit";
import { fluentdApp, fluentdPort, fluentdValues } from "./fluentd";
import { fluentBitRules, fluentdRules } from "./rules";

/** The programs that can collect logs. */
export const collectors = ["fluent-bit", "fluentd"] as const;

/** A program that collects logs. */
export type Collector = (typeof collectors)[number];

/** What is to be known of a collector. */
export interface CollectorFacts {
    readonly chart: ChartKey;
    /** Name of its DaemonSet, and value of `app.kubernetes.io/name` of its pods. */
    readonly app: string;
    /** The values of its chart; `storeNamespace` is that of Elasticsearch. */
    readonly values: (storeNamespace: string) => Values;
    /** Where its metrics are: the port's number, its name, and the path. */
    readonly metrics: { readonly port: number; readonly portName: string; readonly path: string };
    /** Alerts on those in a namespace. */
    readonly rules: (namespace: string) => RuleGroup;
}

/** The facts of each collector. */
export const collectorFacts: Readonly<Record<Collector, CollectorFacts>> = {
    "fluent-bit": {
        chart: "fluentBit",
        app: fluentBitApp,
        values: fluentBitValues,
        metrics: { port: fluentBitPort, portName: "http", path: fluentBitMetrics },
        rules: fluentBitRules,
    },
    fluentd: {
        chart: "fluentd",
        app: fluentdApp,
        values: fluentdValues,
        metrics: { port: fluentdPort, portName: "metrics", path: "/metrics" },
        rules: fluentdRules,
    },
};

export interface LogCollectorArgs {
    readonly collector: Collector;
    /** Namespace to install into; it exists already. */
    readonly namespace: string;
    /** Namespace of Elasticsearch. */
    readonly storeNamespace: string;
    /** Whether Prometheus scrapes it, and has rules on it. */
    readonly monitored: boolean;
    readonly source: ChartSource | undefined;
    readonly values: Values | undefined;
}

/** The collector of logs, a pod on every node whatever its taints. */
export class LogCollector extends pulumi.ComponentResource {
    constructor(name: string, args: LogCollectorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:LogCollector", name, {}, opts);
        const { namespace } = args;
        const { chart, app, values, metrics, rules } = collectorFacts[args.collector];
        const collector = installChart(
            name,
            {
                chart,
                release: app,
                namespace,
                values: values(args.storeNamespace),
                extraValues: args.values,
                source: args.source,
            },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        if (args.monitored) {
            const monitor = podMonitor({ app, namespace, port: metrics.portName, path: metrics.path });
            const child = { parent: this, dependsOn: [collector] };
            new CustomResource(`${name}-monitor`, monitor, child);
            new CustomResource(`${name}-rules`, prometheusRule(app, namespace, rules(namespace)), child);
        }
        this.registerOutputs();
    }
}
