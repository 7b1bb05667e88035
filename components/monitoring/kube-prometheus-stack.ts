import * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../charts/chart-source";
import type { Opening } from "../namespaces/secure-namespace";
import { reject } from "../problems";
import type { AlertReceivers } from "./kube-prometheus-stack/alerting";
import {
    createAlertmanagerSecret,
    createApiServerMonitor,
    createDashboards,
    createGrafanaAccess,
    createNamespaces,
    installDefinitions,
    installStack,
} from "./kube-prometheus-stack/children";
import type { PublicDashboard } from "./kube-prometheus-stack/dashboards";
import type { ControlPlanePart } from "./kube-prometheus-stack/exporters";
import {
    clusterExposure,
    type Endpoints,
    type Exposure,
    publicEndpoints,
} from "./kube-prometheus-stack/exposure";
import { grafanaAdmin, inClusterUrl } from "./kube-prometheus-stack/names";
import type { ScrapeConfig } from "./kube-prometheus-stack/scrape-configs";
import type { SeriesProfile } from "./kube-prometheus-stack/series";
import type { MonitoringStorage } from "./kube-prometheus-stack/storage";
import { validateKubePrometheusStack } from "./kube-prometheus-stack/validate";
import type { KubePrometheusStackValues, PrometheusOperatorCrdsValues } from "./kube-prometheus-stack/values";

export type { AlertReceivers } from "./kube-prometheus-stack/alerting";
export { type PublicDashboard, publicDashboards } from "./kube-prometheus-stack/dashboards";
export type { ControlPlanePart } from "./kube-prometheus-stack/exporters";
export type * from "./kube-prometheus-stack/exposure";
export type { MonitoringServer } from "./kube-prometheus-stack/names";
export type { ScrapeConfig } from "./kube-prometheus-stack/scrape-configs";
export type { SeriesProfile } from "./kube-prometheus-stack/series";
export type { MonitoringStorage } from "./kube-prometheus-stack/storage";
export * from "./kube-prometheus-stack/validate";
export * from "./kube-prometheus-stack/values";

export interface KubePrometheusStackArgs {
    /** Namespace to create and install into. @default "monitoring" */
    readonly namespace?: string | undefined;
    /** Namespace to create for the node exporter, which needs the nodes' network and files. @default "node-exporter" */
    readonly nodeExporterNamespace?: string | undefined;
    /** How Grafana, Prometheus and Alertmanager are reached. @default { kind: "cluster" }: inside the cluster only */
    readonly exposure?: Exposure | undefined;
    /** How often targets are scraped, as a duration such as "15s". @default "30s" */
    readonly scrapeInterval?: string | undefined;
    /** How often rules are evaluated, as a duration. @default `scrapeInterval` */
    readonly evaluationInterval?: string | undefined;
    /** How long samples are kept, as a duration. @default "10d" */
    readonly retention?: string | undefined;
    /** How much samples may take, e.g. "40GiB"; the oldest go first. @default four fifths of `storage.prometheus` */
    readonly retentionSize?: string | undefined;
    /** Volumes. @default none: data live as long as the pods */
    readonly storage?: MonitoringStorage | undefined;
    /** "lean" keeps only the series that the chart's rules and dashboards read, but for API server latencies. @default "full" */
    readonly series?: SeriesProfile | undefined;
    /** What the lean profile keeps beside: names of series, or expressions for them. @default none */
    readonly keepSeries?: readonly string[] | undefined;
    /** Jobs that no monitor describes, as Prometheus reads them (`scrape_configs`), without secrets. @default none */
    readonly scrapeConfigs?: readonly ScrapeConfig[] | undefined;
    /** Parts of the control plane to scrape; most clusters hide them, and alerts would fire. @default none */
    readonly controlPlane?: readonly ControlPlanePart[] | undefined;
    /** Whether kubelets may present a certificate that the cluster's CA did not sign, as on kind. @default false */
    readonly kubeletInsecureTls?: boolean | undefined;
    /** Pods of Prometheus and Alertmanager, 1 to 10 each; of several, one at a time is evicted. @default 1 each */
    readonly replicas?: { readonly prometheus?: number; readonly alertmanager?: number } | undefined;
    /**
     * Object storage to which a Thanos sidecar uploads samples: a Secret of the namespace with Thanos' configuration
     * under `key` (@default "objstore.yml"). The pods wait for the Secret. @default none
     */
    readonly objectStorage?: { readonly secretName: string; readonly key?: string } | undefined;
    /** Labels of all series for readers outside, such as the cluster's name. @default none */
    readonly externalLabels?: Readonly<Record<string, string>> | undefined;
    /** Where alerts go. @default nowhere: they are shown */
    readonly alertReceivers?: AlertReceivers | undefined;
    /** Alertmanager's whole configuration instead, YAML or JSON; may be a secret. @default made of `alertReceivers` */
    readonly alertmanagerConfig?: pulumi.Input<string> | undefined;
    /** Dashboards: the JSON of each, by a name in lower case. @default those of the chart alone */
    readonly dashboards?: Readonly<Record<string, string>> | undefined;
    /** Dashboards that Grafana fetches from grafana.com when it starts; out of reach, they are missing. @default none */
    readonly publicDashboards?: readonly PublicDashboard[] | undefined;
    /** Further openings of the namespace, e.g. from Grafana to a data source elsewhere. @default none */
    readonly openings?: readonly Opening[] | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** Whether the definitions outlive this component, and with them the monitors of others. @default true */
    readonly keepCrds?: boolean | undefined;
    /** Whether to wait until Prometheus and Alertmanager are available; not on simulated nodes. @default true */
    readonly waitForServers?: boolean | undefined;
    /** Where the charts come from. @default upstream, at the versions of `charts` */
    readonly source?: ChartSource | undefined;
    /** Values of the chart kube-prometheus-stack, merged last. Prefer a named argument where one exists. */
    readonly values?: KubePrometheusStackValues | undefined;
    /** Values of the chart prometheus-operator-crds, merged last. */
    readonly crdsValues?: PrometheusOperatorCrdsValues | undefined;
}

/**
 * Metrics, alerts and dashboards: the prometheus-operator with a Prometheus that takes up every monitor and rule of
 * the cluster, Alertmanager, Grafana, kube-state-metrics, the node exporter, and the rules and dashboards of the
 * chart kube-prometheus-stack. One per cluster.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range, or contradicts another.
 */
export class KubePrometheusStack extends pulumi.ComponentResource {
    /** Name of the namespace. */
    public readonly namespace: pulumi.Output<string>;
    /** Address of Prometheus inside the cluster. */
    public readonly prometheusUrl: pulumi.Output<string>;
    /** Address of Alertmanager inside the cluster. */
    public readonly alertmanagerUrl: pulumi.Output<string>;
    /** Address of Grafana inside the cluster. */
    public readonly grafanaUrl: pulumi.Output<string>;
    /** Addresses for browsers, of the servers that an ingress controller serves. */
    public readonly endpoints: Endpoints;
    /** Name of Grafana's administrator. */
    public readonly grafanaAdminUser: string = grafanaAdmin.user;
    /** Password of Grafana's administrator; a secret. */
    public readonly grafanaAdminPassword: pulumi.Output<string>;
    /** The definitions of the operator's kinds: what a monitor or a rule has to wait for. */
    public readonly crds: pulumi.Resource;

    constructor(name: string, args: KubePrometheusStackArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:KubePrometheusStack", name, {}, opts);
        reject(this, validateKubePrometheusStack(args));
        const child = { parent: this };

        const namespaces = createNamespaces(name, args, { ...child, dependsOn: opts?.dependsOn ?? [] });
        const { namespace } = namespaces.stack;
        this.crds = installDefinitions(name, args, { ...child, dependsOn: namespaces.stack });
        const grafana = createGrafanaAccess(name, namespace, child);
        const alerting = createAlertmanagerSecret(name, args, namespace, child);
        createDashboards(name, args, namespace, child);
        createApiServerMonitor(name, args, namespace, { ...child, dependsOn: this.crds });
        installStack(name, args, {
            ...child,
            dependsOn: [...Object.values(namespaces), this.crds, alerting, ...grafana.resources],
        });

        this.namespace = namespace;
        this.prometheusUrl = namespace.apply((known) => inClusterUrl("prometheus", known));
        this.alertmanagerUrl = namespace.apply((known) => inClusterUrl("alertmanager", known));
        this.grafanaUrl = namespace.apply((known) => inClusterUrl("grafana", known));
        this.endpoints = publicEndpoints(args.exposure ?? clusterExposure);
        this.grafanaAdminPassword = pulumi.secret(grafana.password);
        this.registerOutputs({
            namespace: this.namespace,
            prometheusUrl: this.prometheusUrl,
            alertmanagerUrl: this.alertmanagerUrl,
            grafanaUrl: this.grafanaUrl,
            endpoints: this.endpoints,
            grafanaAdminUser: this.grafanaAdminUser,
            grafanaAdminPassword: this.grafanaAdminPassword,
        });
    }
}
