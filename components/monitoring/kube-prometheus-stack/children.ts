import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { installChart } from "../../charts/install-chart";
import { SecureNamespace } from "../../namespaces/secure-namespace";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { alertmanagerFile } from "./alerting";
import { dashboardConfigMap } from "./dashboards";
import { apiServerMonitor, defaultNodeExporterNamespace } from "./exporters";
import { dashboardReaderRules } from "./grafana";
import { alertmanagerSecret, dashboardReader, defaultNamespace, fullName, grafanaAdmin } from "./names";
import { nodeExporterOpenings, stackOpenings } from "./openings";
import { kubePrometheusStackValues, prometheusOperatorCrdsValues } from "./values";

type Namespace = pulumi.Output<string>;

/** The namespace of the stack, and that of the node exporter, which no other Pod Security level admits. */
export function createNamespaces(
    name: string,
    args: KubePrometheusStackArgs,
    opts: pulumi.ComponentResourceOptions,
) {
    const namespace = args.namespace ?? defaultNamespace;
    const { quota } = args;
    return {
        stack: new SecureNamespace(
            `${name}-namespace`,
            { namespace, openings: stackOpenings(args), quota },
            opts,
        ),
        nodes: new SecureNamespace(
            `${name}-nodes-namespace`,
            {
                namespace: args.nodeExporterNamespace ?? defaultNodeExporterNamespace,
                level: "privileged",
                openings: nodeExporterOpenings(namespace),
            },
            opts,
        ),
    };
}

/** The CustomResourceDefinitions of the prometheus-operator. */
export function installDefinitions(
    name: string,
    args: KubePrometheusStackArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    return installChart(
        `${name}-crds`,
        {
            chart: "prometheusOperatorCrds",
            release: "prometheus-operator-crds",
            // The definitions have no namespace; Helm's record of them has.
            namespace: args.namespace ?? defaultNamespace,
            values: prometheusOperatorCrdsValues(args),
            extraValues: args.crdsValues,
            source: args.source,
        },
        opts,
    );
}

/** Grafana's administrator, with a password that is made once, and the right to read dashboards. */
export function createGrafanaAccess(name: string, namespace: Namespace, opts: pulumi.CustomResourceOptions) {
    const password = new RandomPassword(`${name}-grafana-admin`, { length: 32, special: false }, opts);
    const secret = new Secret(
        `${name}-grafana-admin`,
        {
            metadata: { name: grafanaAdmin.secret, namespace },
            stringData: {
                [grafanaAdmin.userKey]: grafanaAdmin.user,
                [grafanaAdmin.passwordKey]: password.result,
            },
        },
        opts,
    );
    const role = new ClusterRole(
        `${name}-dashboard-reader`,
        { metadata: { name: dashboardReader }, rules: dashboardReaderRules },
        opts,
    );
    return { password: password.result, resources: [secret, role] };
}

/** Alertmanager's configuration, which holds addresses that are credentials. */
export function createAlertmanagerSecret(
    name: string,
    args: KubePrometheusStackArgs,
    namespace: Namespace,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    return new Secret(
        `${name}-alertmanager-config`,
        {
            metadata: { name: alertmanagerSecret, namespace },
            stringData: {
                "alertmanager.yaml": alertmanagerFile(args.alertmanagerConfig, args.alertReceivers),
            },
        },
        opts,
    );
}

/** The user's own dashboards. */
export function createDashboards(
    name: string,
    { dashboards }: KubePrometheusStackArgs,
    namespace: Namespace,
    opts: pulumi.CustomResourceOptions,
): void {
    for (const [dashboard, json] of Object.entries(dashboards ?? {})) {
        new ConfigMap(`${name}-dashboard-${dashboard}`, dashboardConfigMap(dashboard, namespace, json), opts);
    }
}

/** The monitor of the API server, where that of the chart is off. */
export function createApiServerMonitor(
    name: string,
    { series, keepSeries }: KubePrometheusStackArgs,
    namespace: Namespace,
    opts: pulumi.CustomResourceOptions,
): void {
    if (series === "lean") {
        new CustomResource(`${name}-apiserver-monitor`, apiServerMonitor(namespace, keepSeries), opts);
    }
}

/** Everything else. */
export function installStack(
    name: string,
    args: KubePrometheusStackArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    return installChart(
        name,
        {
            chart: "kubePrometheusStack",
            release: fullName,
            namespace: args.namespace ?? defaultNamespace,
            values: kubePrometheusStackValues(args),
            extraValues: args.values,
            source: args.source,
        },
        opts,
    );
}
