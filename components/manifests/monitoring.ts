import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { type Images, versionOf, withImages } from "../images";
import { prometheusRule } from "../monitoring/monitors";
import { type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkBytes, checkDuration, checkName, checkNodePort, type Problem, reject } from "../problems";
import { Alertmanager, alertmanagerPods, checkDeadMansSwitch } from "./monitoring/alertmanager";
import { KubeletMonitor } from "./monitoring/kubelet-monitor";
import { NodeExporter } from "./monitoring/node-exporter";
import { Prometheus, prometheusPods } from "./monitoring/prometheus";
import { PrometheusOperator } from "./monitoring/prometheus-operator";
import { monitoringRules } from "./monitoring/rules";

export interface MonitoringManifestsArgs {
    /** Namespace to create and install into. @default "monitoring" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** How often targets are scraped, as a duration such as "15s". @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** How often rules are evaluated, as a duration. @default "15s" */
    readonly evaluationInterval?: string | undefined;
    /** How long samples are kept, as a duration. @default "7d" */
    readonly retention?: string | undefined;
    /** Size of Prometheus' volume, e.g. "20Gi". @default none: samples live as long as the pod */
    readonly storageSize?: string | undefined;
    /** Port of Prometheus on every node, 30000 to 32767. @default none */
    readonly prometheusNodePort?: number | undefined;
    /** Port of Alertmanager on every node, 30000 to 32767. @default none */
    readonly alertmanagerNodePort?: number | undefined;
    /** Alertmanager's configuration file, YAML or JSON; may be a secret. @default alerts are shown, not sent */
    readonly alertmanagerConfig?: pulumi.Input<string> | undefined;
    /** Where the alert Watchdog goes each ten seconds: `webhookUrl` of `DeadMansSwitch`. @default nowhere */
    readonly deadMansSwitchUrl?: string | undefined;
    /** Whether kubelets may present a certificate that the cluster's CA did not sign. @default false */
    readonly kubeletInsecureTls?: boolean | undefined;
}

/**
 * Metrics and alerts: the prometheus-operator with a Prometheus that takes up every monitor and rule of the
 * cluster, Alertmanager, the node exporter, the kubelets, and the alerts that watch these.
 *
 * The CustomResourceDefinitions of the prometheus-operator (same version) must be in the cluster: they are
 * large, and managing them as resources makes every run slow.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class MonitoringManifests extends pulumi.ComponentResource {
    /** Name of the namespace. */
    public readonly namespace: pulumi.Output<string>;
    /** Address of Prometheus inside the cluster. */
    public readonly prometheusUrl: pulumi.Output<string>;
    /** Address of Alertmanager inside the cluster. */
    public readonly alertmanagerUrl: pulumi.Output<string>;

    constructor(name: string, args: MonitoringManifestsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:MonitoringManifests", name, {}, opts);
        reject(this, validateMonitoring(args));
        const images = withImages(args.images);
        const namespaceName = args.namespace ?? "monitoring";
        const child = { parent: this };

        const { namespace } = createNamespace();
        const operator = new PrometheusOperator(`${name}-operator`, { namespace, images }, child);
        const prometheus = createPrometheus();
        const alertmanager = createAlertmanager();
        new NodeExporter(`${name}-nodes`, { images, monitoringNamespace: namespaceName }, child);
        new KubeletMonitor(
            `${name}-kubelets`,
            { namespace, kubeletInsecureTls: args.kubeletInsecureTls },
            child,
        );
        const rules = monitoringRules({ volume: args.storageSize !== undefined });
        new CustomResource(`${name}-rules`, prometheusRule("monitoring", namespace, rules), child);

        this.namespace = namespace;
        this.prometheusUrl = prometheus.url;
        this.alertmanagerUrl = alertmanager.url;
        this.registerOutputs({
            namespace: this.namespace,
            prometheusUrl: this.prometheusUrl,
            alertmanagerUrl: this.alertmanagerUrl,
        });

        function createNamespace() {
            return new SecureNamespace(
                `${name}-namespace`,
                { namespace: namespaceName, openings: monitoringOpenings },
                child,
            );
        }

        function createPrometheus() {
            const { scrapeInterval, evaluationInterval, retention, storageSize } = args;
            const served = { namespace, images, operator, nodePort: args.prometheusNodePort };
            const resend = args.deadMansSwitchUrl !== undefined;
            return new Prometheus(
                `${name}-prometheus`,
                { ...served, scrapeInterval, evaluationInterval, retention, storageSize, resend },
                child,
            );
        }

        function createAlertmanager() {
            const served = { namespace, images, operator, nodePort: args.alertmanagerNodePort };
            const { alertmanagerConfig: config, deadMansSwitchUrl } = args;
            return new Alertmanager(`${name}-alertmanager`, { ...served, config, deadMansSwitchUrl }, child);
        }
    }
}

/** Problems with the arguments. */
export function validateMonitoring(args: MonitoringManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkDuration("evaluationInterval", args.evaluationInterval),
        ...checkDuration("retention", args.retention),
        ...checkBytes("storageSize", args.storageSize),
        ...checkNodePort("prometheusNodePort", args.prometheusNodePort),
        ...checkNodePort("alertmanagerNodePort", args.alertmanagerNodePort),
        ...checkDeadMansSwitch(args),
        ...checkVersion("images.prometheus", args.images?.prometheus),
        ...checkVersion("images.alertmanager", args.images?.alertmanager),
    ];
}

/** The operator writes configuration for a version of the server, so the tag has to tell it. */
function checkVersion(property: string, image: string | undefined): Problem[] {
    return image === undefined || versionOf(image) !== undefined
        ? []
        : [
              {
                  property,
                  given: image,
                  allowed: "an image whose tag is its version, such as prometheus:v3.5.0",
                  fix: "tag the image with its three-part version",
              },
          ];
}

/** What goes in and out of the namespace. */
export const monitoringOpenings: readonly Opening[] = [
    // Targets are everywhere, on any port, kubelets on the nodes among them.
    { name: "prometheus-to-targets", pods: prometheusPods, direction: "egress", peer: "anywhere" },
    {
        name: "prometheus-from-anywhere",
        pods: prometheusPods,
        direction: "ingress",
        peer: "anywhere",
        ports: [9090],
    },
    {
        name: "alertmanager-from-anywhere",
        pods: alertmanagerPods,
        direction: "ingress",
        peer: "anywhere",
        ports: [9093],
    },
    // Receivers of alerts are outside.
    { name: "alertmanager-to-receivers", pods: alertmanagerPods, direction: "egress", peer: "anywhere" },
    {
        name: "operator-to-api",
        pods: { "app.kubernetes.io/name": "prometheus-operator" },
        direction: "egress",
        peer: "anywhere",
        ports: [443, 6443],
    },
    {
        name: "operator-metrics",
        pods: { "app.kubernetes.io/name": "prometheus-operator" },
        direction: "ingress",
        peer: {},
        ports: [8080],
    },
];
