import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { Autoscaler } from "../autoscaling/autoscaler";
import type { AutoscalingPlatform } from "../autoscaling/autoscaler/platform";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import { prometheusRule } from "../monitoring/monitors";
import { acmeSolverOpening, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, checkNodePort, checkWhole, type Problem, reject } from "../problems";
import { Consumer, consumerApp } from "./redis-queue/consumer";
import { QueueExporter, redisExporterApp, redisExporterPort } from "./redis-queue/exporter";
import { Producer, producerApp } from "./redis-queue/producer";
import { httpPort } from "./redis-queue/python-app";
import { Redis, redisApp, redisPort } from "./redis-queue/redis";
import { queueRules } from "./redis-queue/rules";
import { checkQueuePace, defaultScrapeInterval, queueList, queueScaling } from "./redis-queue/scaling";

export interface RedisQueueArgs {
    /** Namespace to create and install into. @default "queue" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** KEDA, for which only the scaling waits. @default none: KEDA is in the cluster already */
    readonly keda?: pulumi.Resource | undefined;
    /** What the cluster offers to autoscalers. @default KEDA */
    readonly autoscaling?: AutoscalingPlatform | undefined;
    /** The most consumers at a time, 1 to 1000. @default 20 */
    readonly maxReplicas?: number | undefined;
    /** Messages in the queue for each consumer, 1 to 1000000. @default 20 */
    readonly itemsPerReplica?: number | undefined;
    /** Seconds between two looks at the queue, 1 to 3600; KEDA only. @default 1 */
    readonly pollingSeconds?: number | undefined;
    /** Seconds that the queue has to be empty before the last consumer goes, 0 to 86400; KEDA only. @default 60 */
    readonly cooldownSeconds?: number | undefined;
    /** Seconds of work for each message, 0 to 20: a consumer has 30 s to finish one when it is stopped. @default 1 */
    readonly secondsPerMessage?: number | undefined;
    /** How often the length of the queue is measured, as a duration such as "5s". @default "5s" */
    readonly exporterScrapeInterval?: string | undefined;
    /** Port of the producer on every node, 30000 to 32767. @default none */
    readonly producerNodePort?: number | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Namespace from which KEDA looks at the queue. @default "keda" */
    readonly kedaNamespace?: string | undefined;
}

/**
 * A queue workload that scales on its length: a producer that publishes on request, redis, consumers from zero
 * to `maxReplicas`, and what measures them. After the padok dojo "Kubernetes and Prometheus".
 *
 * Counters in redis, `padok:published` and `padok:consumed`, tell whether every message was worked once. A
 * consumer that is killed, not stopped, loses the message that it holds: the queue delivers at most once.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator and of KEDA.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class RedisQueue extends pulumi.ComponentResource {
    /** Name of the namespace. */
    public readonly namespace: pulumi.Output<string>;
    /** Address of the producer inside the cluster. */
    public readonly producerUrl: pulumi.Output<string>;

    constructor(name: string, args: RedisQueueArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:RedisQueue", name, {}, opts);
        reject(this, validateRedisQueue(args));
        const images = withImages(args.images);
        const namespaceName = args.namespace ?? "queue";
        const list = queueList;
        const child = { parent: this };

        const { namespace } = createNamespace();
        const { secretName } = new Redis(`${name}-redis`, { namespace, images }, child);
        const scrapeInterval = args.exporterScrapeInterval ?? defaultScrapeInterval;
        new QueueExporter(`${name}-exporter`, { namespace, images, secretName, list, scrapeInterval }, child);
        const producer = new Producer(
            `${name}-producer`,
            { namespace, images, secretName, list, nodePort: args.producerNodePort },
            child,
        );
        const consumer = new Consumer(
            `${name}-consumer`,
            { namespace, images, secretName, list, secondsPerMessage: args.secondsPerMessage ?? 1 },
            child,
        );
        createScaling();
        const rules = queueRules({ namespace: namespaceName, list });
        new CustomResource(`${name}-rules`, prometheusRule("queue", namespace, rules), child);

        this.namespace = namespace;
        this.producerUrl = producer.url;
        this.registerOutputs({ namespace: this.namespace, producerUrl: this.producerUrl });

        function createNamespace() {
            const openings = queueOpenings(
                args.monitoringNamespace ?? "monitoring",
                args.kedaNamespace ?? "keda",
            );
            return new SecureNamespace(
                `${name}-namespace`,
                { namespace: namespaceName, openings },
                { ...child, dependsOn: opts?.dependsOn ?? [] },
            );
        }

        function createScaling() {
            return new Autoscaler(`${name}-scaling`, queueScaling(args), {
                ...child,
                dependsOn: [consumer.deployment, ...(args.keda ? [args.keda] : [])],
                // What it was before there was one component for all autoscalers.
                aliases: [{ type: "pulumi-kube-observability:index:QueueScaling" }],
            });
        }
    }
}

/** Problems with the arguments. */
export function validateRedisQueue(args: RedisQueueArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkWhole("maxReplicas", args.maxReplicas, 1, 1000),
        ...checkWhole("itemsPerReplica", args.itemsPerReplica, 1, 1000000),
        ...checkWhole("pollingSeconds", args.pollingSeconds, 1, 3600),
        ...checkWhole("cooldownSeconds", args.cooldownSeconds, 0, 86400),
        ...checkQueuePace(args),
        ...checkSecondsPerMessage(args.secondsPerMessage),
        ...checkDuration("exporterScrapeInterval", args.exporterScrapeInterval),
        ...checkNodePort("producerNodePort", args.producerNodePort),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkName("kedaNamespace", args.kedaNamespace),
    ];
}

function checkSecondsPerMessage(given: number | undefined): Problem[] {
    return given === undefined || (typeof given === "number" && given >= 0 && given <= 20)
        ? []
        : [
              {
                  property: "secondsPerMessage",
                  given,
                  allowed: "a number from 0 to 20",
                  fix: "choose a number in that range: a consumer has 30 s to finish its message when it is stopped",
              },
          ];
}

/** What goes in and out of the namespace: clients to redis, Prometheus to metrics, everybody to the producer. */
export function queueOpenings(monitoringNamespace: string, kedaNamespace: string): Opening[] {
    const redis = { pods: appLabel(redisApp), ports: [redisPort] };
    const clients = [redisExporterApp, producerApp, consumerApp];
    return [
        ...clients.flatMap((client): Opening[] => [
            {
                name: `${client}-to-redis`,
                direction: "egress",
                pods: appLabel(client),
                peer: { pods: redis.pods },
                ports: redis.ports,
            },
            {
                name: `redis-from-${client}`,
                direction: "ingress",
                ...redis,
                peer: { pods: appLabel(client) },
            },
        ]),
        { name: "redis-from-keda", direction: "ingress", ...redis, peer: { namespace: kedaNamespace } },
        {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: monitoringNamespace },
            ports: [httpPort, redisExporterPort],
        },
        // Where an Ingress of yours serves the producer.
        acmeSolverOpening,
        {
            name: "producer-from-anywhere",
            direction: "ingress",
            pods: appLabel(producerApp),
            peer: "anywhere",
            ports: [httpPort],
        },
    ];
}
