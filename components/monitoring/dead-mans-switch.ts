import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, servicePort } from "../conventions";
import { type Images, withImages } from "../images";
import { egressTo } from "../namespaces/egress";
import { type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { createFiles } from "../program-files";
import {
    deadMansSwitchFiles,
    deadMansSwitchSpec,
    switchApp,
    switchClusterRules,
    switchPort,
} from "./dead-mans-switch/pod";
import { deadMansSwitchRules } from "./dead-mans-switch/rules";
import { inClusterUrl } from "./kube-prometheus-stack/names";
import { prometheusRule, serviceMonitor } from "./monitors";
import { checkRunbooksUrl } from "./runbook-links";

export interface DeadMansSwitchArgs {
    /** Namespace to create and install into. @default "dead-mans-switch" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /**
     * Address of Alertmanager inside the cluster, with http. Plain, since it decides what the namespace lets out; of
     * MonitoringManifests "http://alertmanager.monitoring.svc:9093". @default that of KubePrometheusStack
     */
    readonly alertmanagerUrl?: string | undefined;
    /**
     * Seconds without a heartbeat until the alarm, 20 to 3600: four heartbeats or more. @default 180, for a Prometheus
     * that repeats its alerts each minute, as is its own default; 60 will do with MonitoringManifests, where it is 15 s
     */
    readonly silenceSeconds?: number | undefined;
    /** Namespace of Alertmanager and Prometheus, which are let in. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /**
     * Address at which the top of this repository is read, for the links of what it posts to runbooks, such as
     * "https://git.example.com/platform/blob/main"; its rules get theirs by `runbookLinks`. @default paths from that top
     */
    readonly runbooksUrl?: string | undefined;
}

/**
 * Raises the alarm when Prometheus is silent, for then no rule does. Alertmanager sends it the alert Watchdog, which
 * always fires, for as long as Prometheus sends that; once it stops, Alertmanager gets the alert `PrometheusSilent`, and
 * `AutoscalerBlind` with `hop="prometheus"` for every autoscaler of the cluster. They end when Prometheus is heard again.
 *
 * Route Watchdog to `webhookUrl`: `MonitoringManifests` and `KubePrometheusStack` have arguments for it. Who watches
 * it is Prometheus, with the alert `DeadMansSwitchDown`. Alertmanager itself it cannot replace.
 *
 * It may read all ConfigMaps of the cluster, of which it lists those that describe autoscalers: Kubernetes grants nothing
 * by label. Needs the CustomResourceDefinitions of the prometheus-operator.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class DeadMansSwitch extends pulumi.ComponentResource {
    /** Where Alertmanager has to send Watchdog. */
    public readonly webhookUrl: string;

    constructor(name: string, args: DeadMansSwitchArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:DeadMansSwitch", name, {}, opts);
        reject(this, validateDeadMansSwitch(args));
        const app = switchApp;
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const { namespace } = createNamespace();
        const identity = new ServiceIdentity(
            `${name}-identity`,
            { account: app, namespace, clusterRules: switchClusterRules },
            child,
        );
        createDeployment();
        createService();
        new CustomResource(`${name}-monitor`, serviceMonitor({ app, namespace, port: "http" }), child);
        const rules = deadMansSwitchRules(namespaceOf(args));
        new CustomResource(`${name}-rules`, prometheusRule(app, namespace, rules), child);

        this.webhookUrl = deadMansSwitchUrl(args.namespace);
        this.registerOutputs({ webhookUrl: this.webhookUrl });

        function createNamespace() {
            const secured = { namespace: namespaceOf(args), openings: deadMansSwitchOpenings(args) };
            return new SecureNamespace(`${name}-namespace`, secured, child);
        }

        function createDeployment() {
            const source = createFiles(`${name}-source`, app, namespace, deadMansSwitchFiles(), child);
            const spec = deadMansSwitchSpec({
                images: withImages(args.images),
                account: identity.account,
                source: source.metadata.name,
                namespace: namespaceOf(args),
                alertmanagerUrl: alertmanagerUrlOf(args),
                silenceSeconds: args.silenceSeconds ?? 180,
                runbooksUrl: args.runbooksUrl,
            });
            const metadata = { name: app, namespace };
            new Deployment(name, { metadata, spec }, { ...child, dependsOn: identity });
        }

        function createService() {
            const metadata = { name: app, namespace, labels: appLabel(app) };
            const spec = { ...servicePort("http", 80, undefined), selector: appLabel(app) };
            new Service(name, { metadata, spec }, child);
        }
    }
}

/** Where Alertmanager has to send Watchdog, of a switch in `namespace`. It is known before there is one. */
export function deadMansSwitchUrl(namespace = switchApp): string {
    return `http://${switchApp}.${namespace}.svc/watchdog`;
}

/** Problems with the arguments. */
export function validateDeadMansSwitch(args: DeadMansSwitchArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkAlertmanagerUrl(args.alertmanagerUrl),
        ...checkWhole("silenceSeconds", args.silenceSeconds, 20, 3600),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkRunbooksUrl(args.runbooksUrl),
    ];
}

/** What goes in and out of the namespace. */
export function deadMansSwitchOpenings(args: DeadMansSwitchArgs): Opening[] {
    const { hostname, port } = new URL(alertmanagerUrlOf(args));
    return [
        {
            name: "webhook-and-metrics",
            direction: "ingress",
            peer: { namespace: args.monitoringNamespace ?? "monitoring" },
            ports: [switchPort],
        },
        egressTo("alertmanager", hostname, Number(port || "80")),
        { name: "api-server", direction: "egress", peer: "anywhere", ports: [443, 6443] },
    ];
}

function checkAlertmanagerUrl(given: string | undefined): Problem[] {
    const plain = given !== undefined && URL.canParse(given) ? new URL(given) : undefined;
    const fine =
        plain?.protocol === "http:" && plain.username === "" && plain.search === "" && plain.hash === "";
    if (given === undefined || fine) return [];
    return [
        {
            property: "alertmanagerUrl",
            // There may be a password in it.
            given: given.replace(/\/\/.*@/s, "//***@"),
            allowed:
                "an address such as http://alertmanager.monitoring.svc:9093, without credentials and query",
            fix: "write http://, host and port, and a path where Alertmanager has one",
        },
    ];
}

function namespaceOf({ namespace }: DeadMansSwitchArgs): string {
    return namespace ?? switchApp;
}

function alertmanagerUrlOf({ alertmanagerUrl, monitoringNamespace }: DeadMansSwitchArgs): string {
    return alertmanagerUrl ?? inClusterUrl("alertmanager", monitoringNamespace ?? "monitoring");
}
