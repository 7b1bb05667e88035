import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import type { apps } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { serviceMonitor } from "../../monitoring/monitors";
import { redisAddress, redisAuth } from "./redis";

export interface QueueExporterArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
    /** Name of the Secret with redis' password. */
    readonly secretName: pulumi.Input<string>;
    /** The list whose length is measured. */
    readonly list: string;
    /** How often it is scraped. */
    readonly scrapeInterval: string;
}

/** Name of its Deployment and Service, and so the `job` of its series. */
export const redisExporterApp = "redis-exporter";
export const redisExporterPort = 9121;

/** Measures redis, and the length of one list, for Prometheus. */
export class QueueExporter extends pulumi.ComponentResource {
    constructor(name: string, args: QueueExporterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:QueueExporter", name, {}, opts);
        const app = redisExporterApp;
        const { namespace } = args;
        const child = { parent: this };
        new Deployment(name, { metadata: { name: app, namespace }, spec: queueExporterSpec(args) }, child);
        new Service(
            name,
            {
                metadata: { name: app, namespace, labels: appLabel(app) },
                spec: {
                    selector: appLabel(app),
                    ports: [{ name: "metrics", port: redisExporterPort, targetPort: "metrics" }],
                },
            },
            child,
        );
        new CustomResource(
            `${name}-monitor`,
            serviceMonitor({ app, namespace, port: "metrics", interval: args.scrapeInterval }),
            child,
        );
        this.registerOutputs();
    }
}

/** The exporter's Deployment. */
export function queueExporterSpec(args: Omit<QueueExporterArgs, "scrapeInterval">): apps.v1.DeploymentSpec {
    const auth = redisAuth(args.secretName, "exporter.json");
    return {
        replicas: 1,
        selector: { matchLabels: appLabel(redisExporterApp) },
        template: {
            metadata: { labels: appLabel(redisExporterApp) },
            spec: {
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                securityContext: podSecurity,
                containers: [
                    {
                        name: redisExporterApp,
                        image: args.images.redisExporter,
                        imagePullPolicy: "IfNotPresent",
                        env: [
                            { name: "REDIS_ADDR", value: redisAddress },
                            auth.env,
                            { name: "REDIS_EXPORTER_CHECK_SINGLE_KEYS", value: args.list },
                            { name: "REDIS_EXPORTER_REDIS_ONLY_METRICS", value: "true" },
                            // Shorter than a scrape may take, so that a hanging redis is reported, not a hanging exporter.
                            { name: "REDIS_EXPORTER_CONNECTION_TIMEOUT", value: "2s" },
                        ],
                        ports: [{ name: "metrics", containerPort: redisExporterPort }],
                        readinessProbe: { httpGet: { path: "/health", port: "metrics" }, periodSeconds: 2 },
                        resources: resources(["10m", "200m"], ["16Mi", "64Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [auth.volumeMount],
                    },
                ],
                volumes: [auth.volume],
            },
        },
    };
}
