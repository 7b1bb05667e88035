import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import type { apps, core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { appLabel, containerSecurity, podSecurity, resources } from "../conventions";
import type { Images } from "../images";

export interface RedisArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
}

/** Name of its Deployment and Service. */
export const redisApp = "redis";
export const redisPort = 6379;

/** The Secret with the password: key `password` for clients, `redis.conf` for the server. */
export const redisSecret = "redis-auth";

/**
 * One redis server with a generated password. It keeps its data in memory only: a queue that must survive
 * the pod needs another server.
 */
export class Redis extends pulumi.ComponentResource {
    /** Name of the Secret whose key `password` lets clients in. */
    public readonly secretName: pulumi.Output<string>;

    constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Redis", name, {}, opts);
        const { namespace } = args;
        const child = { parent: this };
        const password = new RandomPassword(`${name}-password`, { length: 32, special: false }, child).result;
        const secret = new Secret(
            `${name}-auth`,
            {
                metadata: { name: redisSecret, namespace },
                stringData: {
                    password,
                    "redis.conf": password.apply(redisConf),
                },
            },
            child,
        );
        this.secretName = secret.metadata.name;
        new Deployment(
            name,
            { metadata: { name: redisApp, namespace }, spec: redisSpec(args.images, this.secretName) },
            child,
        );
        new Service(
            name,
            {
                metadata: { name: redisApp, namespace, labels: appLabel(redisApp) },
                spec: {
                    selector: appLabel(redisApp),
                    ports: [{ name: "redis", port: redisPort, targetPort: "redis" }],
                },
            },
            child,
        );
        this.registerOutputs({ secretName: this.secretName });
    }
}

/** The server's configuration. A file, because arguments and environment of a process are there to be seen. */
export function redisConf(password: string): string {
    return [
        `requirepass ${password}`,
        "dir /data",
        // No snapshots: they would promise a durability that the pod's own disk does not have.
        'save ""',
        "appendonly no",
        // Full means that publishing fails loudly, not that messages vanish.
        "maxmemory 192mb",
        "maxmemory-policy noeviction",
        "",
    ].join("\n");
}

/** The server's Deployment. */
export function redisSpec(images: Images, secretName: pulumi.Input<string>): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        // Two servers would be two queues.
        strategy: { type: "Recreate" },
        selector: { matchLabels: appLabel(redisApp) },
        template: {
            metadata: { labels: appLabel(redisApp) },
            spec: {
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                securityContext: podSecurity,
                containers: [
                    {
                        name: redisApp,
                        image: images.redis,
                        imagePullPolicy: "IfNotPresent",
                        args: ["/etc/redis/redis.conf"],
                        ports: [{ name: "redis", containerPort: redisPort }],
                        readinessProbe: { tcpSocket: { port: "redis" }, periodSeconds: 2 },
                        livenessProbe: { tcpSocket: { port: "redis" }, initialDelaySeconds: 10 },
                        resources: resources(["20m", "1"], ["32Mi", "256Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [
                            { name: "config", mountPath: "/etc/redis", readOnly: true },
                            { name: "data", mountPath: "/data" },
                        ],
                    },
                ],
                volumes: [
                    {
                        name: "config",
                        secret: { secretName, items: [{ key: "redis.conf", path: "redis.conf" }] },
                    },
                    { name: "data", emptyDir: {} },
                ],
            },
        },
    };
}

/** How a client pod gets in: the server's address, and its password from the Secret. */
export function redisClientEnv(secretName: pulumi.Input<string>): core.v1.EnvVar[] {
    return [
        { name: "REDIS_HOST", value: redisApp },
        { name: "REDIS_PORT", value: `${redisPort}` },
        redisPasswordEnv(secretName),
    ];
}

/** The password from the Secret, as an environment variable. */
export function redisPasswordEnv(secretName: pulumi.Input<string>): core.v1.EnvVar {
    return { name: "REDIS_PASSWORD", valueFrom: { secretKeyRef: { name: secretName, key: "password" } } };
}
