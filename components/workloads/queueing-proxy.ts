import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { durationSeconds } from "../autoscaling/autoscaler/promql";
import { appLabel, type Labels, servicePort } from "../conventions";
import { type Images, withImages } from "../images";
import { prometheusRule, type RuleGroup } from "../monitoring/monitors";
import type { Opening } from "../namespaces/secure-namespace";
import { checkDuration, checkName, checkNodePort, checkWhole, type Problem, reject } from "../problems";
import { createFiles, programFiles } from "../program-files";
import { checkAmounts, checkQueueTimeout } from "./queueing-proxy/checks";
import {
    type HaproxyArgs,
    haproxyCfg,
    mostConnections,
    proxyMetricsPort,
    proxyPort,
} from "./queueing-proxy/haproxy-cfg";
import { proxyMonitor } from "./queueing-proxy/monitor";
import { proxySpec } from "./queueing-proxy/pod";
import { proxyRules } from "./queueing-proxy/rules";

export interface QueueingProxyArgs {
    /** Namespace of the servers, to install into: one whose policies let the proxy through, see `queueingProxyOpenings`. */
    readonly namespace: string;
    /** Name of the servers: of HAProxy's backend, so the `proxy` of its series. The proxy is called NAME-proxy. */
    readonly app: string;
    /** Labels of the servers' pods. @default { "app.kubernetes.io/name": app } */
    readonly servers?: Labels | undefined;
    /** Port on which the servers listen, 1 to 65535. @default 8080 */
    readonly serverPort?: number | undefined;
    /** Requests that a server works on at a time, 1 to 1000: no more are sent to it. */
    readonly slots: number;
    /** The most servers that there will be, 1 to 200; others are not used. @default 20 */
    readonly maxServers?: number | undefined;
    /** The most that wait, 1 to 10000, with `maxServers` x `slots` at most 50000; others get 503 at once. @default 1000 */
    readonly maxQueue?: number | undefined;
    /** How long a request waits before it is answered with 503, at most "1h"; without a server one may wait twice that. @default "10m" */
    readonly queueTimeout?: string | undefined;
    /** Seconds after which a request that was answered with 503 is to be tried again, 1 to 3600. @default 10 */
    readonly retryAfterSeconds?: number | undefined;
    /** The most seconds for which a proxy that is replaced goes on with its requests, 1 to 86400. @default 3600 */
    readonly drainSeconds?: number | undefined;
    /** Seconds of waiting without a server that raise an alert, 1 to 3600. @default 120, half of `queueTimeout` if less */
    readonly withoutServersSeconds?: number | undefined;
    /** Seconds at a server beyond which requests raise an alert, 1 to 3600. @default 300 */
    readonly slowSeconds?: number | undefined;
    /** How often the queue is measured, as a duration such as "5s". @default "1s" */
    readonly scrapeInterval?: string | undefined;
    /** Port on every node, 30000 to 32767. @default none: reached inside the cluster only */
    readonly nodePort?: number | undefined;
    /** Domain of the cluster's DNS. @default "cluster.local" */
    readonly clusterDomain?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
}

/**
 * An HAProxy with one queue before all replicas of a server: each gets as many requests at a time as it has slots, and
 * the others wait, in the order in which they came, for the next slot of any. They wait, too, while there is no server.
 *
 * `haproxy_backend_current_queue` is the number of those that wait, also at zero servers;
 * `haproxy_backend_current_sessions` that of those and the ones that are being served.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class QueueingProxy extends pulumi.ComponentResource {
    /** Address inside the cluster: requests go here, and not to the servers. */
    public readonly url: pulumi.Output<string>;

    constructor(name: string, args: QueueingProxyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:QueueingProxy", name, {}, opts);
        reject(this, validateQueueingProxy(args));
        const { namespace, scrapeInterval: interval = "1s" } = args;
        const app = proxyName(args.app);
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        createServers();
        const source = createFiles(`${name}-config`, app, namespace, queueingProxyFiles(args), child);
        const spec = proxySpec(app, withImages(args.images), source.metadata.name, {
            drainSeconds: args.drainSeconds ?? 3600,
            requests: mostConnections(haproxyArgs(args)),
        });
        new Deployment(name, { metadata: { name: app, namespace }, spec }, child);
        createService();
        const monitor = proxyMonitor({ app, namespace, backend: args.app, interval });
        new CustomResource(`${name}-monitor`, monitor, child);
        new CustomResource(`${name}-rules`, prometheusRule(app, namespace, proxyAlerts(args)), child);

        this.url = pulumi.interpolate`http://${app}.${namespace}.svc`;
        this.registerOutputs({ url: this.url });

        function createServers() {
            const ports = [{ name: "http", port: args.serverPort ?? 8080 }];
            const selector = args.servers ?? appLabel(args.app);
            new Service(
                `${name}-servers`,
                {
                    // Without servers it has no addresses, and `up` is not to wait for any.
                    metadata: {
                        name: serversName(args.app),
                        namespace,
                        annotations: { "pulumi.com/skipAwait": "true" },
                    },
                    spec: { clusterIP: "None", publishNotReadyAddresses: false, selector, ports },
                },
                child,
            );
        }

        function createService() {
            const metadata = { name: app, namespace, labels: appLabel(app) };
            const port = servicePort("http", 80, args.nodePort);
            new Service(name, { metadata, spec: { ...port, selector: appLabel(app) } }, child);
        }
    }
}

/** Name of the proxy's Deployment, Service and PodMonitor, and so the `job` of its series. */
export function proxyName(app: string): string {
    return `${app}-proxy`;
}

/** Name of the headless Service of the servers. */
export function serversName(app: string): string {
    return `${app}-servers`;
}

/** HAProxy's configuration, and what it runs. */
export function queueingProxyFiles(args: QueueingProxyArgs): Record<string, string> {
    return { "haproxy.cfg": haproxyCfg(haproxyArgs(args)), ...programFiles("haproxy", "drain.lua") };
}

/** What HAProxy is told. */
export function haproxyArgs(args: QueueingProxyArgs): HaproxyArgs {
    const domain = args.clusterDomain ?? "cluster.local";
    return {
        backend: args.app,
        serversName: `${serversName(args.app)}.${args.namespace}.svc.${domain}`,
        serverPort: args.serverPort ?? 8080,
        slots: args.slots,
        maxServers: args.maxServers ?? 20,
        maxQueue: args.maxQueue ?? 1000,
        queueTimeout: args.queueTimeout ?? "10m",
        retryAfterSeconds: args.retryAfterSeconds ?? 10,
    };
}

/** Alerts on the proxy, its queue and the servers. */
export function proxyAlerts(args: QueueingProxyArgs): RuleGroup {
    const { maxQueue, queueTimeout } = haproxyArgs(args);
    return proxyRules({
        namespace: args.namespace,
        backend: args.app,
        job: proxyName(args.app),
        maxQueue,
        queueSeconds: durationSeconds(queueTimeout) ?? 0,
        withoutServersSeconds: args.withoutServersSeconds,
        slowSeconds: args.slowSeconds ?? 300,
    });
}

/** Problems with the arguments. */
export function validateQueueingProxy(args: QueueingProxyArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkName("app", args.app),
        ...checkWhole("serverPort", args.serverPort, 1, 65535),
        ...checkAmounts(args),
        ...checkQueueTimeout(args.queueTimeout),
        ...checkWhole("retryAfterSeconds", args.retryAfterSeconds, 1, 3600),
        ...checkWhole("drainSeconds", args.drainSeconds, 1, 86400),
        ...checkWhole("withoutServersSeconds", args.withoutServersSeconds, 1, 3600),
        ...checkWhole("slowSeconds", args.slowSeconds, 1, 3600),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkNodePort("nodePort", args.nodePort),
    ];
}

/** What lets clients to the proxy, the proxy to the servers and Prometheus to the proxy, for the namespace of both. */
export function queueingProxyOpenings(
    args: Pick<QueueingProxyArgs, "app" | "servers" | "serverPort">,
    monitoringNamespace = "monitoring",
): Opening[] {
    const app = proxyName(args.app);
    const proxy = { pods: appLabel(app) };
    const servers = { pods: args.servers ?? appLabel(args.app) };
    const serverPorts = [args.serverPort ?? 8080];
    const metrics = { namespace: monitoringNamespace };
    return [
        { name: `${app}-in`, ...proxy, direction: "ingress", peer: "anywhere", ports: [proxyPort] },
        { name: `${app}-metrics`, ...proxy, direction: "ingress", peer: metrics, ports: [proxyMetricsPort] },
        { name: `${app}-to-servers`, ...proxy, direction: "egress", peer: servers, ports: serverPorts },
        { name: `${args.app}-from-proxy`, ...servers, direction: "ingress", peer: proxy, ports: serverPorts },
    ];
}
