import * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { type Images, withImages } from "../images";
import { SecureNamespace } from "../namespaces/secure-namespace";
import { reject } from "../problems";
import { type Collector, collectorFacts, LogCollector } from "./logging/collector";
import { CollectorUser } from "./logging/collector-user";
import { type ElasticsearchArgs, elasticsearchValues } from "./logging/elasticsearch";
import { type KibanaArgs, kibanaUrl, kibanaValues } from "./logging/kibana";
import { elasticSecret, elasticsearchHost, elasticsearchPort, logPattern } from "./logging/names";
import { collectorOpenings, storeOpenings } from "./logging/openings";
import { type EckOperatorValues, ElasticOperator } from "./logging/operator";
import { LoggingSetup } from "./logging/setup";
import { namespacesOf, validateLogging } from "./logging/validation";

export type { Collector } from "./logging/collector";
export type { ElasticsearchArgs } from "./logging/elasticsearch";
export type { FluentBitValues } from "./logging/fluent-bit";
export type { FluentdValues } from "./logging/fluentd";
export type { KibanaArgs, KibanaIngress } from "./logging/kibana";
export type { EckOperatorValues } from "./logging/operator";
export { validateLogging } from "./logging/validation";

export interface LoggingArgs {
    /** Where the charts come from. @default upstream, at the versions of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace of Elasticsearch and Kibana, to create and install into. @default "logging" */
    readonly namespace?: string | undefined;
    /** The most that their namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** Namespace of Elastic's operator. @default "elastic-system" */
    readonly operatorNamespace?: string | undefined;
    /** Namespace of the collectors, privileged: they read the files of their node. @default "log-collectors" */
    readonly collectorNamespace?: string | undefined;
    /** The program that collects logs, on every node. @default "fluent-bit" */
    readonly collector?: Collector | undefined;
    /** Days that a log is kept at least, and a day longer at most, 1 to 3650. @default 7 */
    readonly retentionDays?: number | undefined;
    /** Size of Elasticsearch. @default two nodes with 2Gi of memory and 20Gi of disk each */
    readonly elasticsearch?: ElasticsearchArgs | undefined;
    /** Kibana, or false for none. @default inside the cluster only */
    readonly kibana?: KibanaArgs | false | undefined;
    /** What Kibana's Ingress waits for: its controller, and who signs its certificate. @default nothing */
    readonly ingressAfter?: readonly pulumi.Resource[] | undefined;
    /** Images to run instead of the pinned ones; only `python` is used. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /**
     * Whether Prometheus scrapes operator and collectors, by PodMonitors, and has alerts on the collectors; needs the CRDs of the
     * prometheus-operator: depend on KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart eck-stack, merged last. Prefer a named argument where one exists. */
    readonly values?: EckStackValues | undefined;
    /** Values of the chart eck-operator, merged last. */
    readonly operatorValues?: EckOperatorValues | undefined;
    /** Values of the collector's chart, merged last: those of `fluent-bit-collector` or of `fluentd`. */
    readonly collectorValues?: Values | undefined;
}

/** The keys of the chart eck-stack that this component sets. */
export interface EckStackValues extends Values {
    readonly "eck-elasticsearch"?: Values;
    readonly "eck-kibana"?: Values;
}

/**
 * Logs of every pod: a collector on every node, Elasticsearch, and Kibana to read them. Elasticsearch and Kibana
 * are made by Elastic's operator (ECK, licence Elastic-2.0), with its free basic licence.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class Logging extends pulumi.ComponentResource {
    /** Address of Elasticsearch inside the cluster; its certificate is signed by the operator's own authority. */
    public readonly elasticsearchUrl: string;
    /** Address of Kibana: from outside with an Ingress, else inside the cluster; none without Kibana. */
    public readonly kibanaUrl: string | undefined;
    /** Where people find the password of the user `elastic`: key `elastic` of this Secret. */
    public readonly credentials: { readonly namespace: string; readonly secret: string };
    /** What the names of the logs' indices match, for a data view of Kibana. */
    public readonly indexPattern: string;

    constructor(name: string, args: LoggingArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Logging", name, {}, opts);
        reject(this, validateLogging(args));
        const { source, collector = "fluent-bit" } = args;
        const { namespace, operatorNamespace, collectorNamespace } = namespacesOf(args);
        const monitoring = args.monitored ? (args.monitoringNamespace ?? "monitoring") : undefined;
        const first = { parent: this, dependsOn: opts?.dependsOn ?? [] };
        const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

        const operator = new ElasticOperator(
            `${name}-operator`,
            {
                namespace: operatorNamespace,
                storeNamespace: namespace,
                monitoring,
                source,
                values: args.operatorValues,
            },
            first,
        );
        const home = createHome();
        const collectorHome = createCollectorHome();
        const user = new CollectorUser(
            `${name}-collector-user`,
            { namespace: home.namespace, collectorNamespace: collectorHome.namespace },
            { parent: this },
        );
        const stack = installStack();
        const image = withImages(args.images).python;
        const retentionDays = args.retentionDays ?? 7;
        const setup = new LoggingSetup(
            `${name}-setup`,
            { namespace, collectorNamespace, image, retentionDays },
            after(stack, collectorHome),
        );
        new LogCollector(
            `${name}-collector`,
            {
                collector,
                namespace: collectorNamespace,
                storeNamespace: namespace,
                monitored: monitoring !== undefined,
                source,
                values: args.collectorValues,
            },
            // The first log makes the index, by the template and with the policy that the setup has put.
            after(setup, user),
        );

        this.elasticsearchUrl = `https://${elasticsearchHost(namespace)}:${elasticsearchPort}`;
        this.kibanaUrl = kibanaUrl(args.kibana, namespace);
        this.credentials = { namespace, secret: elasticSecret };
        this.indexPattern = logPattern;
        this.registerOutputs({
            elasticsearchUrl: this.elasticsearchUrl,
            kibanaUrl: this.kibanaUrl,
            credentials: this.credentials,
            indexPattern: this.indexPattern,
        });

        function createHome() {
            const clients = { operator: operatorNamespace, collectors: collectorNamespace };
            const openings = storeOpenings(clients, hasIngress(args));
            return new SecureNamespace(
                `${name}-namespace`,
                { namespace, quota: args.quota, openings, keep: args.elasticsearch?.keepData },
                first,
            );
        }

        function createCollectorHome() {
            const { port } = collectorFacts[collector].metrics;
            const openings = collectorOpenings(namespace, port, monitoring);
            return new SecureNamespace(
                `${name}-collector-namespace`,
                { namespace: collectorNamespace, level: "privileged", openings },
                first,
            );
        }

        function installStack() {
            return installChart(
                name,
                {
                    chart: "eckStack",
                    release: "logging",
                    namespace,
                    values: eckStackValues(args),
                    extraValues: args.values,
                    source,
                },
                after(operator, home, user, ...(args.ingressAfter ?? [])),
            );
        }
    }
}

/** The values of the chart eck-stack. */
export function eckStackValues(args: LoggingArgs): EckStackValues {
    return {
        "eck-elasticsearch": elasticsearchValues(args.elasticsearch),
        "eck-kibana": kibanaValues(args.kibana),
    };
}

function hasIngress({ kibana }: LoggingArgs): boolean {
    return kibana !== false && kibana?.ingress !== undefined;
}
