import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { checkGpuMetrics, dcgmMetrics } from "../gpu/dcgm-metrics";
import { checkName, type Problem, reject } from "../problems";
import { type DashboardSource, dashboardSources } from "./dashboards/board";
import { feasibleBoards } from "./dashboards/boards";
import { dashboardJson } from "./dashboards/build";
import { type DashboardName, dashboardUids } from "./dashboards/uids";
import { dashboardConfigMap } from "./kube-prometheus-stack/dashboards";
import { checkRunbooksUrl } from "./runbook-links";

export type { DashboardSource } from "./dashboards/board";
export { type DashboardName, dashboardUids } from "./dashboards/uids";

export interface DashboardsArgs {
    /** Namespace to install into, which is there already; Grafana looks in all. @default "monitoring" */
    readonly namespace?: pulumi.Input<string> | undefined;
    /** What is measured in the cluster: other dashboards, and other panels, are left out. */
    readonly sources: readonly DashboardSource[];
    /** Metrics that the exporter of GPUs has; panels with others are left out. @default `dcgmMetrics`, NVIDIA's own list */
    readonly gpuMetrics?: readonly string[] | undefined;
    /**
     * Address at which the top of this repository is read, for links to runbooks, such as
     * "https://git.example.com/platform/blob/main"; alerts get theirs by `runbookLinks`. @default no links
     */
    readonly runbooksUrl?: string | undefined;
}

/**
 * Dashboards for Grafana, one for each concern, as ConfigMaps that its sidecar takes up: those, and of them the panels,
 * that what is measured can fill. Their identities stay the same, so that alerts and bookmarks find them.
 *
 * Needs a Grafana whose sidecar looks for ConfigMaps with the label `grafana_dashboard`, as that of KubePrometheusStack.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class Dashboards extends pulumi.ComponentResource {
    /** The identity in Grafana of each dashboard that is installed, by its name. */
    public readonly uids: Readonly<Partial<Record<DashboardName, string>>>;

    constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Dashboards", name, {}, opts);
        reject(this, validateDashboards(args));
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };
        const installed = dashboardFiles(args);

        for (const { name: board, json } of installed) {
            // By its identity: the user's own dashboards are called by their names.
            const file = dashboardConfigMap(dashboardUids[board], args.namespace ?? "monitoring", json);
            new ConfigMap(`${name}-${board}`, file, child);
        }

        this.uids = Object.fromEntries(installed.map(({ name: board }) => [board, dashboardUids[board]]));
        this.registerOutputs({ uids: this.uids });
    }
}

/** The dashboards that what is measured can fill, as JSON. */
export function dashboardFiles(args: DashboardsArgs): { name: DashboardName; json: string }[] {
    const { sources, gpuMetrics = dcgmMetrics, runbooksUrl } = args;
    return feasibleBoards({ sources, gpuMetrics }).map((board) => ({
        name: board.name,
        json: dashboardJson(board, runbooksUrl),
    }));
}

/** Problems with the arguments. */
export function validateDashboards(args: DashboardsArgs): Problem[] {
    return [
        ...(typeof args.namespace === "string" ? checkName("namespace", args.namespace) : []),
        ...checkSources(args.sources),
        ...checkGpuMetrics("gpuMetrics", args.gpuMetrics),
        ...checkRunbooksUrl(args.runbooksUrl),
    ];
}

function checkSources(given: readonly DashboardSource[]): Problem[] {
    const known: readonly string[] = dashboardSources;
    const unknown = given.filter((source) => !known.includes(source));
    if (unknown.length > 0) {
        return unknown.map((source) => ({
            property: `sources[${given.indexOf(source)}]`,
            given: source,
            allowed: known.join(", "),
            fix: "choose one of these",
        }));
    }
    return feasibleBoards({ sources: given, gpuMetrics: dcgmMetrics }).length > 0
        ? []
        : [
              {
                  property: "sources",
                  given,
                  allowed: "sources with which at least one dashboard can show something, such as nodes",
                  fix: "name what is measured in the cluster, or leave this component out",
              },
          ];
}
