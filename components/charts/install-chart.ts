import { Release } from "@pulumi/kubernetes/helm/v3";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import type * as pulumi from "@pulumi/pulumi";
import { type ChartSource, chartLocation } from "./chart-source";
import { type ChartKey, charts } from "./pins";

/** Values of a chart, as far as a type can tell: maps, lists and scalars. */
export type Values = { readonly [key: string]: unknown };

export interface InstallArgs {
    readonly chart: ChartKey;
    /** Name of the Helm release; with the chart's name it decides what its objects are called. */
    readonly release: string;
    /** Plain, so that previews can render the chart before the namespace exists. */
    readonly namespace: string;
    /** What the component sets, without secrets: those are in Secrets that the values name. */
    readonly values: object;
    /** Of the user, merged last. */
    readonly extraValues?: Values | undefined;
    readonly source?: ChartSource | undefined;
}

/** Installs a chart of the table, through the resource that the table names. */
export function installChart(
    name: string,
    args: InstallArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const common = {
        ...chartLocation(args.chart, args.source),
        name: args.release,
        namespace: args.namespace,
        values: mergeValues(args.values as Values, args.extraValues ?? {}),
    };
    if (charts[args.chart].through === "Chart") {
        // Definitions of these charts, where they have any, are installed by a chart of their own or not at all.
        return new Chart(name, { ...common, skipCrds: true }, opts);
    }
    return new Release(
        name,
        {
            ...common,
            // After a run that was killed, objects are in the cluster and their Helm record was removed (`make heal`).
            takeOwnership: true,
            // A first install that fails leaves what it made, so that one can look; the next run goes on from there.
            atomic: false,
            maxHistory: 3,
            // As long as Pulumi waits for a single object. Seconds.
            timeout: 600,
        },
        opts,
    );
}

/** Values over values as Helm does it: maps are merged, anything else is replaced, null removes the chart's default. */
export function mergeValues(base: Values, over: Values): Values {
    const merged = Object.entries(over).map(([key, value]) => {
        const below = base[key];
        return [key, isMap(below) && isMap(value) ? mergeValues(below, value) : value];
    });
    return { ...base, ...Object.fromEntries(merged) };
}

function isMap(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
