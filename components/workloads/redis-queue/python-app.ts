import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { redisApp, redisAuth, redisPort } from "./redis";

/** Where the programs stand in this repository. */
const sources = join(__dirname, "..", "..", "apps", "queue");

/** The port on which the programs serve HTTP, and its name. */
export const httpPort = 8080;

/** The programs' files by name: the one that is started, and what it imports. */
export function programFiles(...files: readonly string[]): Record<string, string> {
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(sources, file), "utf8")]));
}

/** A name that changes with the content: a pod that runs other code is another pod. */
export function contentName(prefix: string, data: Readonly<Record<string, string>>): string {
    const hash = createHash("sha256").update(JSON.stringify(data)).digest("hex");
    return `${prefix}-${hash.slice(0, 8)}`;
}

/** The ConfigMap that carries a program, never changed but replaced. */
export function createSource(
    name: string,
    app: string,
    namespace: pulumi.Input<string>,
    data: Record<string, string>,
    opts: pulumi.CustomResourceOptions,
): ConfigMap {
    return new ConfigMap(
        name,
        { metadata: { name: contentName(app, data), namespace }, immutable: true, data },
        opts,
    );
}

export interface PythonPodArgs {
    readonly images: Images;
    /** Name of the container. */
    readonly app: string;
    /** The file to start. */
    readonly file: string;
    /** Name of the ConfigMap with the files. */
    readonly source: pulumi.Input<string>;
    /** Name of the Secret with redis' password. */
    readonly secretName: pulumi.Input<string>;
    /** What it is told beside how to reach redis. */
    readonly env: core.v1.EnvVar[];
    /** Whether a Service sends requests to it, and so has to know when it can take them. */
    readonly serves: boolean;
    /** Seconds between SIGTERM and SIGKILL. */
    readonly terminationGracePeriodSeconds: number;
}

/** A pod that runs one of the programs, a client of redis, on the official Python image. */
export function pythonPod(args: PythonPodArgs): core.v1.PodSpec {
    const probe = { httpGet: { path: "/healthz", port: "http" } };
    const auth = redisAuth(args.secretName, "password");
    return {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: args.terminationGracePeriodSeconds,
        securityContext: podSecurity,
        containers: [
            {
                name: args.app,
                image: args.images.python,
                imagePullPolicy: "IfNotPresent",
                // -S and -E: neither site packages nor Python's own variables are used, and looking for them costs
                // a third of the start; -u: logs appear when they are written.
                command: ["python3", "-S", "-E", "-u", `/app/${args.file}`],
                env: [
                    { name: "REDIS_HOST", value: redisApp },
                    { name: "REDIS_PORT", value: `${redisPort}` },
                    auth.env,
                    ...args.env,
                ],
                ports: [{ name: "http", containerPort: httpPort }],
                ...(args.serves && { readinessProbe: { ...probe, periodSeconds: 1 } }),
                livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 10 },
                // Little to run, much to start: a low limit would double the time to the first message.
                resources: resources(["10m", "1"], ["24Mi", "64Mi"]),
                securityContext: containerSecurity,
                volumeMounts: [{ name: "app", mountPath: "/app", readOnly: true }, auth.volumeMount],
            },
        ],
        volumes: [{ name: "app", configMap: { name: args.source } }, auth.volume],
    };
}
