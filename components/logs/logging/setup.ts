import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../../content-hash";
import { appLabel, containerSecurity, environment, podSecurity, resources } from "../../conventions";
import { ServiceIdentity } from "../../namespaces/service-identity";
import { storedDocuments } from "./lifecycle";
import {
    authoritySecret,
    elasticSecret,
    elasticsearchHost,
    elasticsearchPort,
    setupApp,
    trustName,
} from "./names";

export interface LoggingSetupArgs {
    /** Namespace of Elasticsearch. */
    readonly namespace: string;
    /** Namespace of the collectors. */
    readonly collectorNamespace: string;
    /** Image with Python. */
    readonly image: string;
    readonly retentionDays: number;
}

/** Where the program stands in this repository. */
const source = join(__dirname, "..", "..", "apps", "logging", "setup.py");

/** Seconds that Elasticsearch may take to start, its images included. */
const deadlineSeconds = 900;

/**
 * Prepares Elasticsearch for logs, once it runs: the lifecycle by which they are deleted, the template of their
 * indices. Then it copies the certificate authority of Elasticsearch to the collectors, as a pod can only mount
 * Secrets of its own namespace. It ends; when what it puts changes, it runs again.
 */
export class LoggingSetup extends pulumi.ComponentResource {
    constructor(name: string, args: LoggingSetupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:LoggingSetup", name, {}, opts);
        const { namespace } = args;
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };
        const files = setupFiles(args);
        // A Job runs once: what is to run again has another name.
        const runName = `${setupApp}-${contentHash(JSON.stringify([files, args]))}`;

        const identity = new ServiceIdentity(
            `${name}-identity`,
            {
                account: setupApp,
                namespace,
                namespaceRules: { collectors: { namespace: args.collectorNamespace, rules: trustRules } },
            },
            child,
        );
        const program = new ConfigMap(
            `${name}-program`,
            { metadata: { name: runName, namespace }, immutable: true, data: files },
            child,
        );
        new Job(
            name,
            {
                metadata: { name: runName, namespace, labels: appLabel(setupApp) },
                spec: {
                    // The program tries again by itself; this is for a node that fails.
                    backoffLimit: 3,
                    template: {
                        metadata: { labels: appLabel(setupApp) },
                        spec: setupPod(args, runName),
                    },
                },
            },
            {
                parent: this,
                dependsOn: [identity, program],
                customTimeouts: { create: `${deadlineSeconds + 300}s` },
            },
        );
        this.registerOutputs();
    }
}

/** What it may do: make a ConfigMap in the collectors' namespace, and change the one of this name. */
export const trustRules = [
    // Who makes an object has no name of it yet, so this cannot be limited to one.
    { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch"], resourceNames: [trustName] },
];

/** The program, and the documents that it puts. */
export function setupFiles({ retentionDays }: Pick<LoggingSetupArgs, "retentionDays">) {
    return {
        "setup.py": readFileSync(source, "utf8"),
        "requests.json": JSON.stringify(storedDocuments(retentionDays), undefined, 2),
    };
}

/** The pod that runs the program. */
export function setupPod(args: LoggingSetupArgs, program: string): core.v1.PodSpec {
    const token = "/var/run/secrets/kubernetes.io/serviceaccount";
    const env = {
        ELASTICSEARCH_URL: `https://${elasticsearchHost(args.namespace)}:${elasticsearchPort}`,
        CA_FILE: "/authority/ca.crt",
        PASSWORD_FILE: "/password/elastic",
        REQUESTS_FILE: "/app/requests.json",
        KUBERNETES_URL: "https://kubernetes.default.svc",
        KUBERNETES_CA_FILE: `${token}/ca.crt`,
        TOKEN_FILE: `${token}/token`,
        TRUST_NAMESPACE: args.collectorNamespace,
        TRUST_NAME: trustName,
        DEADLINE_SECONDS: deadlineSeconds,
    };
    return {
        serviceAccountName: setupApp,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        restartPolicy: "OnFailure",
        securityContext: podSecurity,
        containers: [
            {
                name: setupApp,
                image: args.image,
                imagePullPolicy: "IfNotPresent",
                command: ["python3", "-S", "-E", "-u", "/app/setup.py"],
                env: environment(env),
                resources: resources(["10m", "500m"], ["32Mi", "128Mi"]),
                securityContext: containerSecurity,
                volumeMounts: [
                    { name: "app", mountPath: "/app", readOnly: true },
                    { name: "authority", mountPath: "/authority", readOnly: true },
                    { name: "password", mountPath: "/password", readOnly: true },
                ],
            },
        ],
        volumes: [
            { name: "app", configMap: { name: program } },
            // The operator makes both; until then the pod waits for them.
            { name: "authority", secret: { secretName: authoritySecret } },
            { name: "password", secret: { secretName: elasticSecret } },
        ],
    };
}
