import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { egressTo } from "../namespaces/egress";
import { checkQuota, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, type Problem, reject } from "../problems";
import { serviceMonitor } from "./monitors";
import { checkRedisAddress, redisHost } from "./redis-exporter/address";
import { checkCombinations, checkKeys, checkSecret, checkUsername } from "./redis-exporter/checks";
import {
    exporterApp,
    exporterPort,
    passwordFile,
    passwordSecretName,
    redisExporterValues,
} from "./redis-exporter/values";

export interface RedisExporterArgs {
    /** Address of redis: `redis://host:port`, `rediss://…` with TLS, `…/2` for a database; no credentials. */
    readonly address: string;
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to install into; it holds one exporter at most. @default "redis-exporter" */
    readonly namespace?: string | undefined;
    /**
     * Whether the namespace is created, with its walls. Without, it is there already, as that of redis is, and
     * its owner decides what is let through. @default true
     */
    readonly createNamespace?: boolean | undefined;
    /** The most that the created namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** User of redis' access control list. @default redis' default user */
    readonly username?: string | undefined;
    /** Password of redis; goes into a Secret, which the exporter reads as a file. @default none */
    readonly password?: pulumi.Input<string> | undefined;
    /** A Secret of the namespace with the password, instead of `password`. @default none */
    readonly passwordSecret?: SecretKey | undefined;
    /** A Secret of the namespace with the certificate of the CA that signed redis' own. @default public CAs */
    readonly caSecret?: SecretKey | undefined;
    /** Keys to measure, as they are in redis, e.g. `jobs` or, in database 2, `db2=jobs`. @default none */
    readonly keys?: readonly string[] | undefined;
    /**
     * Whether Prometheus scrapes it, by a ServiceMonitor; needs the CRDs of the prometheus-operator: depend on
     * KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** How often it is scraped, as a duration such as "5s". @default the server's scrape interval */
    readonly scrapeInterval?: string | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: RedisExporterValues | undefined;
}

/** One key of a Secret. */
export interface SecretKey {
    /** Name of the Secret. */
    readonly name: string;
    readonly key: string;
}

/** The chart's keys that this component sets. */
export interface RedisExporterValues extends Values {
    readonly nameOverride?: string;
    readonly fullnameOverride?: string;
    readonly redisAddress?: string;
    readonly auth?: Values;
    readonly redisTlsConfig?: Values;
    readonly env?: readonly object[];
    readonly rbac?: Values;
    readonly service?: Values;
    readonly serviceMonitor?: Values;
    readonly podSecurityContext?: object;
    readonly securityContext?: object;
    readonly resources?: object;
}

/**
 * Measures a redis that is there already, and the sizes of single keys in it, such as the length of a list that is
 * a queue: `redis_key_size{db,key}`.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class RedisExporter extends pulumi.ComponentResource {
    /** Address of the exporter inside the cluster; its series are at `/metrics`. */
    public readonly url: string;

    constructor(name: string, args: RedisExporterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:RedisExporter", name, {}, opts);
        reject(this, validateRedisExporter(args));
        const namespace = args.namespace ?? exporterApp;
        const first = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const child = (args.createNamespace ?? true) ? createNamespace() : first;
        createPasswordSecret();
        installExporter();
        createMonitor();

        this.url = `http://${exporterApp}.${namespace}.svc:${exporterPort}`;
        this.registerOutputs({ url: this.url });

        function createNamespace() {
            const openings = exporterOpenings(args);
            const home = new SecureNamespace(
                `${name}-namespace`,
                { namespace, quota: args.quota, openings },
                first,
            );
            return { parent: first.parent, dependsOn: [home] };
        }

        function createPasswordSecret() {
            if (args.password === undefined) return;
            const metadata = { name: passwordSecretName, namespace };
            const passwords = pulumi
                .secret(args.password)
                .apply((password) => passwordFile(args.address, args.username, password));
            new Secret(`${name}-password`, { metadata, stringData: { "passwords.json": passwords } }, child);
        }

        function installExporter() {
            installChart(
                name,
                {
                    chart: "redisExporter",
                    release: exporterApp,
                    namespace,
                    values: redisExporterValues(args),
                    extraValues: args.values,
                    source: args.source,
                },
                child,
            );
        }

        function createMonitor() {
            if (!args.monitored) return;
            const interval = args.scrapeInterval;
            // Not the chart's, which leaves it out wherever the definitions are not in the cluster yet.
            const monitor = serviceMonitor({ app: exporterApp, namespace, port: "metrics", interval });
            new CustomResource(`${name}-monitor`, monitor, child);
        }
    }
}

/** Problems with the arguments. */
export function validateRedisExporter(args: RedisExporterArgs): Problem[] {
    return [
        ...checkRedisAddress("address", args.address),
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkUsername("username", args.username),
        ...checkSecret("passwordSecret", args.passwordSecret),
        ...checkSecret("caSecret", args.caSecret),
        ...checkKeys("keys", args.keys),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["redisExporter"]),
        ...checkCombinations(args),
    ];
}

/** What goes in and out of the namespace that is created. */
export function exporterOpenings(args: RedisExporterArgs): Opening[] {
    const { hostname, port } = redisHost(args.address);
    return [
        egressTo("redis", hostname, port),
        ...(args.monitored ? [fromMonitoring(args.monitoringNamespace ?? "monitoring")] : []),
    ];
}

function fromMonitoring(namespace: string): Opening {
    return {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace },
        ports: [exporterPort],
    };
}
