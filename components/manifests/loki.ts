import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, servicePort } from "../conventions";
import { type Images, withImages } from "../images";
import { prometheusRule, serviceMonitor } from "../monitoring/monitors";
import { type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import {
    checkBytes,
    checkDuration,
    checkName,
    checkNodePort,
    checkWhole,
    type Problem,
    reject,
} from "../problems";
import { lokiApp, lokiConfig, lokiPort } from "./loki/config";
import { lokiRules, lokiSeries } from "./loki/rules";
import { lokiSpec } from "./loki/stateful-set";

export interface LokiManifestsArgs {
    /** Namespace to create and install into. @default "loki" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Days that a line is kept, and some hours longer at most, 1 to 30. @default 1 */
    readonly retentionDays?: number | undefined;
    /**
     * The most that it may hold on the disk of its node, such as "5Gi": a pod that holds more is replaced by one that
     * holds nothing, and an alert tells before. @default "2Gi"
     */
    readonly size?: string | undefined;
    /** Port on every node, 30000 to 32767. @default none, it is reached by collectors and Prometheus only */
    readonly nodePort?: number | undefined;
    /** Namespace of the collectors that send to it. @default "log-collectors" */
    readonly collectorNamespace?: string | undefined;
    /**
     * Whether Prometheus scrapes it, by a ServiceMonitor, and alerts on it; needs the CustomResourceDefinitions of the
     * prometheus-operator. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often it is scraped, as a duration such as "5s". @default the server's scrape interval */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes, and from which Grafana may ask it. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
}

/**
 * A store for logs: Grafana Loki (licence AGPL-3.0) as one process on one disk, for clusters without a registry.
 * Collectors send it OTLP, people and Grafana ask it in LogQL, by namespace, pod, container, node and app.
 *
 * It asks nobody who he is: whoever reaches it may read all lines, and add some. Its lines live as long as its pod.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class LokiManifests extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    public readonly url: string;
    /** Where collectors send OTLP to: `storeUrl` of LogCollectorManifests. */
    public readonly otlpUrl: string;

    constructor(name: string, args: LokiManifestsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:LokiManifests", name, args, opts);
        reject(this, validateLoki(args));
        const namespaceName = args.namespace ?? lokiApp;
        const child = { parent: this };
        const labels = appLabel(lokiApp);

        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            { namespace: namespaceName, openings: lokiOpenings(args) },
            { ...child, dependsOn: opts?.dependsOn ?? [] },
        );
        const metadata = { name: lokiApp, namespace, labels };
        const data = lokiConfig({ retentionDays: args.retentionDays ?? 1 });
        const config = new ConfigMap(name, { metadata, data }, child);
        const spec = lokiSpec({ images: withImages(args.images), size: args.size ?? "2Gi", config: data });
        new StatefulSet(name, { metadata, spec }, { ...child, dependsOn: config });
        const service = { ...servicePort("http", lokiPort, args.nodePort), selector: labels };
        new Service(name, { metadata, spec: service }, child);
        if (args.monitored) createMonitor();

        this.url = `http://${lokiApp}.${namespaceName}.svc:${lokiPort}`;
        this.otlpUrl = `${this.url}/otlp`;
        this.registerOutputs({ url: this.url, otlpUrl: this.otlpUrl });

        function createMonitor() {
            const monitor = {
                app: lokiApp,
                namespace,
                port: "http",
                interval: args.scrapeInterval,
                keep: `${lokiSeries.join("|")}|process_.*|go_(goroutines|memstats_alloc_bytes)`,
            };
            new CustomResource(`${name}-monitor`, serviceMonitor(monitor), child);
            const rules = lokiRules({
                namespace: namespaceName,
                retentionDays: args.retentionDays,
                size: args.size,
            });
            new CustomResource(`${name}-rules`, prometheusRule(lokiApp, namespace, rules), child);
        }
    }
}

/** Problems with the arguments. */
export function validateLoki(args: LokiManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkWhole("retentionDays", args.retentionDays, 1, 30),
        ...checkBytes("size", args.size),
        ...checkNodePort("nodePort", args.nodePort),
        ...checkName("collectorNamespace", args.collectorNamespace),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
    ];
}

/** What goes in and out of the namespace: nothing out. */
export function lokiOpenings(args: LokiManifestsArgs): Opening[] {
    const { collectorNamespace = "log-collectors", monitoringNamespace = "monitoring" } = args;
    const opening = (name: string, peer: Opening["peer"]) =>
        ({ name, direction: "ingress", peer, ports: [lokiPort] }) as const;
    return [
        opening("collectors", { namespace: collectorNamespace }),
        opening("monitoring", { namespace: monitoringNamespace }),
        // Who comes by a node's port has the node's address, or any.
        ...(args.nodePort === undefined ? [] : [opening("clients", "anywhere")]),
    ];
}
