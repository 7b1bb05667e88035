import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../../charts/chart-source";
import { installChart, type Values } from "../../charts/install-chart";
import { resources } from "../../conventions";
import { podMonitor } from "../../monitoring/monitors";
import { SecureNamespace } from "../../namespaces/secure-namespace";
import { operatorApp } from "./names";
import { operatorMetricsPort, operatorOpenings } from "./openings";

export interface ElasticOperatorArgs {
    /** Namespace to create and install into. */
    readonly namespace: string;
    /** Namespace of the Elasticsearch that it looks after. */
    readonly storeNamespace: string;
    /** Namespace from which Prometheus scrapes; undefined where it does not. */
    readonly monitoring: string | undefined;
    readonly source: ChartSource | undefined;
    readonly values: EckOperatorValues | undefined;
}

/** The keys of the chart eck-operator that this component sets. */
export interface EckOperatorValues extends Values {
    readonly installCRDs?: boolean;
    readonly telemetry?: Values;
    readonly podSecurityContext?: core.v1.PodSecurityContext;
    readonly resources?: core.v1.ResourceRequirements;
    readonly config?: Values;
}

/** Elastic's operator (ECK) in a namespace of its own, and the definitions that it needs. */
export class ElasticOperator extends pulumi.ComponentResource {
    constructor(name: string, args: ElasticOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:ElasticOperator", name, {}, opts);
        const { namespace, monitoring, source } = args;
        const openings = operatorOpenings(args.storeNamespace, monitoring);
        const home = new SecureNamespace(
            `${name}-namespace`,
            { namespace, openings },
            { parent: this, dependsOn: opts?.dependsOn ?? [] },
        );
        const definitions = installChart(
            `${name}-crds`,
            { chart: "eckOperatorCrds", release: "eck-operator-crds", namespace, values: {}, source },
            { parent: this, dependsOn: [home] },
        );
        const operator = installChart(
            name,
            {
                chart: "eckOperator",
                release: operatorApp,
                namespace,
                values: eckOperatorValues(monitoring !== undefined),
                extraValues: args.values,
                source,
            },
            { parent: this, dependsOn: [definitions] },
        );
        if (monitoring !== undefined) {
            const monitor = podMonitor({ app: operatorApp, namespace, port: "metrics" });
            new CustomResource(`${name}-monitor`, monitor, { parent: this, dependsOn: [operator] });
        }
        this.registerOutputs();
    }
}

/** The values of the chart eck-operator. */
export function eckOperatorValues(monitored: boolean): EckOperatorValues {
    return {
        // By a chart of their own.
        installCRDs: false,
        telemetry: { disabled: true },
        podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        resources: resources(["50m", "1"], ["150Mi", "512Mi"]),
        config: {
            metrics: { port: monitored ? `${operatorMetricsPort}` : "0" },
            // Ten years, not one: the collectors trust a copy of the authority, made when the setup ran.
            caValidity: "87600h",
        },
    };
}
