import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import { podMonitor, prometheusRule } from "../monitoring/monitors";
import { egressTo } from "../namespaces/egress";
import { type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkDuration, checkName, type Problem, reject } from "../problems";
import { collectorApp, collectorConfig, collectorMetricsPort } from "./log-collector/config";
import { collectorSpec } from "./log-collector/daemon-set";
import { collectorRules, collectorSeries } from "./log-collector/rules";

export interface LogCollectorManifestsArgs {
    /** Namespace to create and install into, privileged: collectors read the files of their node. @default "log-collectors" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /**
     * Where lines go to: what takes OTLP at this address and `/v1/logs`, without credentials. Plain, since it decides
     * what the namespace lets out. @default that of LokiManifests, "http://loki.loki.svc:3100/otlp"
     */
    readonly storeUrl?: string | undefined;
    /**
     * Whether Prometheus scrapes the collectors, by a PodMonitor, and alerts on them; needs the
     * CustomResourceDefinitions of the prometheus-operator. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often they are scraped, as a duration such as "5s". @default the server's scrape interval */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
}

/**
 * A collector of logs on every node: the OpenTelemetry Collector (licence Apache-2.0). It reads what containers have
 * written, joins what the runtime has cut and what belongs together, and sends it with the labels of `lineLabels`. What
 * the store does not take waits in its file; how far each file is sent is kept on the node.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class LogCollectorManifests extends pulumi.ComponentResource {
    constructor(name: string, args: LogCollectorManifestsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:LogCollectorManifests", name, args, opts);
        reject(this, validateLogCollector(args));
        const app = collectorApp;
        const namespaceName = args.namespace ?? "log-collectors";
        const storeUrl = args.storeUrl ?? "http://loki.loki.svc:3100/otlp";
        const child = { parent: this };

        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            {
                namespace: namespaceName,
                level: "privileged",
                openings: collectorOpenings(storeUrl, args.monitoringNamespace),
            },
            { ...child, dependsOn: opts?.dependsOn ?? [] },
        );
        const identity = new ServiceIdentity(
            `${name}-identity`,
            { account: app, namespace, clusterRules: collectorPermissions },
            child,
        );
        const metadata = { name: app, namespace, labels: appLabel(app) };
        const data = collectorConfig({ storeUrl, namespace: namespaceName });
        const config = new ConfigMap(name, { metadata, data }, child);
        const spec = collectorSpec(withImages(args.images), data);
        new DaemonSet(name, { metadata, spec }, { ...child, dependsOn: [identity, config] });
        if (args.monitored) createMonitor();

        this.registerOutputs();

        function createMonitor() {
            const monitor = {
                app,
                namespace,
                port: "metrics",
                interval: args.scrapeInterval,
                keep: collectorSeries.join("|"),
            };
            new CustomResource(`${name}-monitor`, podMonitor(monitor), child);
            const rules = prometheusRule(app, namespace, collectorRules(namespaceName));
            new CustomResource(`${name}-rules`, rules, child);
        }
    }
}

/** What it may do: know the labels of the pods whose lines it sends. */
export const collectorPermissions = [
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
];

/** Problems with the arguments. */
export function validateLogCollector(args: LogCollectorManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkStoreUrl("storeUrl", args.storeUrl),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
    ];
}

function checkStoreUrl(property: string, given: string | undefined): Problem[] {
    if (given === undefined) return [];
    const { protocol, username, password, search, hash } = URL.canParse(given)
        ? new URL(given)
        : { protocol: "", username: "", password: "", search: "", hash: "" };
    const plain =
        /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === "");
    return plain && !given.endsWith("/")
        ? []
        : [
              {
                  property,
                  given: given.replace(/\/\/.*@/s, "//***@"),
                  allowed:
                      "an address such as http://loki.loki.svc:3100/otlp, without credentials, query and a slash at its end",
                  fix: "take otlpUrl of LokiManifests, or write scheme, host, port and path",
              },
          ];
}

/** What goes in and out of the namespace. */
export function collectorOpenings(storeUrl: string, monitoringNamespace = "monitoring"): Opening[] {
    const { protocol, hostname, port } = new URL(storeUrl);
    const storePort = Number(port || (protocol === "https:" ? 443 : 80));
    return [
        { name: "api-server", direction: "egress", peer: "anywhere", ports: [443, 6443] },
        egressTo("store", hostname, storePort),
        {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: monitoringNamespace },
            ports: [collectorMetricsPort],
        },
    ];
}
