import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { prometheusRule } from "../monitoring/monitors";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { checkGpuMetrics } from "./dcgm-metrics";
import { type GpuRulesArgs, gpuRules } from "./gpu-alerts/rules";

export interface GpuAlertsArgs extends GpuRulesArgs {
    /** Namespace to install into, which is there already. @default "monitoring" */
    readonly namespace?: pulumi.Input<string> | undefined;
}

/**
 * Alerts on GPUs: failed, hot, full, held and not used, used and not held, not measured. Of them those that the metrics of
 * the exporter can feed. One for all exporters of a cluster.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class GpuAlerts extends pulumi.ComponentResource {
    /** Names of the alerts that are installed. */
    public readonly alerts: readonly string[];

    constructor(name: string, args: GpuAlertsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:GpuAlerts", name, {}, opts);
        reject(this, validateGpuAlerts(args));
        const rules = gpuRules(args);

        new CustomResource(name, prometheusRule("gpu-alerts", args.namespace ?? "monitoring", rules), {
            parent: this,
            dependsOn: opts?.dependsOn ?? [],
        });

        this.alerts = rules.rules.map((rule) => ("alert" in rule ? rule.alert : rule.record));
        this.registerOutputs({ alerts: this.alerts });
    }
}

/** Problems with the arguments. */
export function validateGpuAlerts(args: GpuAlertsArgs): Problem[] {
    const problems = [
        ...(typeof args.namespace === "string" ? checkName("namespace", args.namespace) : []),
        ...checkGpuMetrics("metrics", args.metrics),
        ...checkWhole("temperatureCelsius", args.temperatureCelsius, 30, 120),
        ...checkWhole("memoryPercent", args.memoryPercent, 50, 100),
        ...checkIdle(args.idleMinutes),
    ];
    if (problems.length > 0 || gpuRules(args).rules.length > 0) return problems;
    return [
        {
            property: "metrics",
            given: args.metrics,
            allowed: "metrics of which at least one alert is made, such as DCGM_FI_DEV_GPU_UTIL",
            fix: "leave metrics out for NVIDIA's own list, or leave this component out",
        },
    ];
}

function checkIdle(given: GpuAlertsArgs["idleMinutes"]): Problem[] {
    if (given === "never") return [];
    return checkWhole("idleMinutes", given, 5, 1440).map((problem) => ({
        ...problem,
        allowed: `"never", or ${problem.allowed}`,
    }));
}
