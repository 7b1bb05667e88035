import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import type { apps, core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";

export interface RedisArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
}

/** Name of its Deployment and Service. */
export const redisApp = "redis";
export const redisPort = 6379;

/** Where clients in its namespace reach it. */
export const redisAddress = `redis://${redisApp}:${redisPort}`;

/** The Secret with the password: a key for each reader, in the form that it reads. */
export const redisSecret = "redis-auth";

/** The keys of the Secret. */
export type RedisSecretKey = "password" | "redis.conf" | "exporter.json";

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
                    "exporter.json": password.apply(exporterPasswords),
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

/** The password as the exporter reads it: by the address of the server, which has to be the one that it is given. */
export function exporterPasswords(password: string): string {
    return JSON.stringify({ [redisAddress]: password });
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
                    { name: "config", secret: secretFile(secretName, "redis.conf") },
                    { name: "data", emptyDir: {} },
                ],
            },
        },
    };
}

/** What a client's pod needs to get in: an environment for its container, a volume, and where to mount it. */
export interface RedisAuth {
    readonly env: core.v1.EnvVar;
    readonly volumeMount: core.v1.VolumeMount;
    readonly volume: core.v1.Volume;
}

/**
 * One key of the Secret as a file, and REDIS_PASSWORD_FILE with its path. Not the password as an environment
 * variable: containerd writes the environment of every container to the node's disk, in clear, while the
 * kubelet keeps Secret volumes in memory.
 */
export function redisAuth(secretName: pulumi.Input<string>, key: RedisSecretKey): RedisAuth {
    const mountPath = "/etc/redis-auth";
    return {
        env: { name: "REDIS_PASSWORD_FILE", value: `${mountPath}/${key}` },
        volumeMount: { name: "redis-auth", mountPath, readOnly: true },
        volume: { name: "redis-auth", secret: secretFile(secretName, key) },
    };
}

/** One key of the Secret, and not the others; for the group of the pod, its `fsGroup`, to read. */
function secretFile(secretName: pulumi.Input<string>, key: RedisSecretKey): core.v1.SecretVolumeSource {
    return { secretName, items: [{ key, path: key }], defaultMode: 0o440 };
}
