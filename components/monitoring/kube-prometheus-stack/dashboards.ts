import type { core } from "@pulumi/kubernetes/types/input";
import type { Input } from "@pulumi/pulumi";
import { resources } from "../../conventions";
import { checkName, checkWhole, type Problem } from "../../problems";

/** A dashboard of grafana.com, at one of its revisions. */
export interface PublicDashboard {
    /** Name of its file. */
    readonly name: string;
    /** Its number at grafana.com. */
    readonly id: number;
    readonly revision: number;
}

/** Dashboards of grafana.com for what the library installs and measures. */
export const publicDashboards = {
    /** HAProxy 2 Full. */
    haproxy: { name: "haproxy", id: 12693, revision: 14 },
    /** NVIDIA DCGM Exporter Dashboard. */
    dcgm: { name: "dcgm", id: 12239, revision: 2 },
    /** Node Exporter Full. */
    nodeExporter: { name: "node-exporter", id: 1860, revision: 45 },
} as const satisfies Record<string, PublicDashboard>;

const provider = "public";

/** The chart's values by which Grafana fetches dashboards when it starts. */
export function publicDashboardValues(dashboards: readonly PublicDashboard[]) {
    if (dashboards.length === 0) return {};
    return {
        dashboardProviders: {
            "dashboardproviders.yaml": {
                apiVersion: 1,
                providers: [
                    {
                        name: provider,
                        orgId: 1,
                        folder: "grafana.com",
                        type: "file",
                        disableDeletion: true,
                        options: { path: `/var/lib/grafana/dashboards/${provider}` },
                    },
                ],
            },
        },
        dashboards: {
            [provider]: Object.fromEntries(
                dashboards.map(({ name, id, revision }) => [
                    name,
                    // Some ask at import for their data source under this name; the value is that of the stack.
                    { gnetId: id, revision, datasource: [{ name: "DS_PROMETHEUS", value: "prometheus" }] },
                ]),
            ),
        },
        // The chart's own says -k: it would take dashboards from anybody.
        defaultCurlOptions: "-sfL",
        downloadDashboards: {
            securityContext: { readOnlyRootFilesystem: true },
            resources: resources(["10m", "200m"], ["16Mi", "64Mi"]),
        },
    };
}

/** The ConfigMap that brings a dashboard to Grafana. */
export function dashboardConfigMap(name: string, namespace: Input<string>, json: string): core.v1.ConfigMap {
    return {
        metadata: { name: `dashboard-${name}`, namespace, labels: dashboardLabels },
        data: { [`${name}.json`]: json },
    };
}

/** The label by which Grafana finds dashboards, in ConfigMaps of any namespace. */
export const dashboardLabels = { grafana_dashboard: "1" };

/** Problems with the user's own dashboards. */
export function checkDashboards(
    property: string,
    dashboards: Readonly<Record<string, string>> = {},
): Problem[] {
    return Object.entries(dashboards).flatMap(([name, json]) => {
        const at = `${property}.${name}`;
        return [...checkName(at, name), ...checkJson(at, json)];
    });
}

function checkJson(property: string, json: string): Problem[] {
    const limit = 1_000_000;
    return isDashboard(json) && Buffer.byteLength(json) <= limit
        ? []
        : [
              {
                  property,
                  given: json.length > 60 ? `${json.slice(0, 60)}…` : json,
                  allowed: `the JSON of one dashboard, an object with a title, of at most ${limit} bytes`,
                  fix: "export the dashboard from Grafana (Export as code, Classic) and give the text",
              },
          ];
}

function isDashboard(json: string): boolean {
    try {
        return typeof JSON.parse(json)?.title === "string";
    } catch {
        return false;
    }
}

/** Problems with the choice of public dashboards. */
export function checkPublicDashboards(property: string, given: readonly PublicDashboard[] = []): Problem[] {
    const names = given.map(({ name }) => name);
    return given.flatMap(({ name, id, revision }, i) => [
        ...checkName(`${property}[${i}].name`, name),
        ...checkWhole(`${property}[${i}].id`, id, 1, 1_000_000),
        ...checkWhole(`${property}[${i}].revision`, revision, 1, 10_000),
        ...(names.indexOf(name) === i
            ? []
            : [
                  {
                      property: `${property}[${i}].name`,
                      given: name,
                      allowed: "a name that no other dashboard of the list has",
                      fix: "rename or remove one of them",
                  },
              ]),
    ]);
}
