import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import type { apps } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { podMonitor } from "../../monitoring/monitors";
import { SecureNamespace } from "../../namespaces/secure-namespace";

export interface NodeExporterArgs {
    readonly images: Images;
    /** Namespace from which Prometheus scrapes. */
    readonly monitoringNamespace: string;
}

const app = "node-exporter";
const port = 9100;

/**
 * What is measured: cpu, memory, disks, file systems, load and pressure. No network figures: those would need
 * the node's network namespace, and the kubelet's cAdvisor reports each pod's.
 */
export const collectors = [
    "cpu",
    "diskstats",
    "filefd",
    "filesystem",
    "loadavg",
    "meminfo",
    "pressure",
    "stat",
    "time",
    "uname",
    "vmstat",
] as const;

/** The Prometheus node exporter on every node: the machine's own figures. */
export class NodeExporter extends pulumi.ComponentResource {
    constructor(name: string, args: NodeExporterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:NodeExporter", name, {}, opts);
        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            {
                namespace: app,
                // It mounts the node's file system, which no other level allows; so it has a namespace of its own.
                level: "privileged",
                openings: [
                    {
                        name: "metrics-from-monitoring",
                        direction: "ingress",
                        peer: { namespace: args.monitoringNamespace },
                        ports: [port],
                    },
                ],
            },
            { parent: this },
        );
        new DaemonSet(
            name,
            { metadata: { name: app, namespace }, spec: nodeExporterSpec(args.images) },
            { parent: this },
        );
        new CustomResource(`${name}-monitor`, podMonitor({ app, namespace, port: "metrics" }), {
            parent: this,
        });
        this.registerOutputs();
    }
}

/** The exporter's DaemonSet: unprivileged but for the node's root, mounted read-only. */
export function nodeExporterSpec(images: Images): apps.v1.DaemonSetSpec {
    return {
        selector: { matchLabels: appLabel(app) },
        template: {
            metadata: { labels: appLabel(app) },
            spec: {
                automountServiceAccountToken: false,
                securityContext: podSecurity,
                tolerations: [{ operator: "Exists" }],
                containers: [
                    {
                        name: app,
                        image: images.nodeExporter,
                        imagePullPolicy: "IfNotPresent",
                        args: [
                            `--web.listen-address=:${port}`,
                            "--path.rootfs=/host",
                            "--path.procfs=/host/proc",
                            "--path.sysfs=/host/sys",
                            "--collector.disable-defaults",
                            ...collectors.map((collector) => `--collector.${collector}`),
                            "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/(containerd|docker|kubelet))($|/)",
                            "--collector.filesystem.fs-types-exclude=^(autofs|cgroup2?|devpts|mqueue|nsfs|proc|sysfs|tmpfs)$",
                        ],
                        ports: [{ name: "metrics", containerPort: port }],
                        readinessProbe: { httpGet: { path: "/", port: "metrics" }, periodSeconds: 5 },
                        resources: resources(["10m", "250m"], ["24Mi", "64Mi"]),
                        securityContext: containerSecurity,
                        volumeMounts: [
                            {
                                name: "root",
                                mountPath: "/host",
                                readOnly: true,
                                mountPropagation: "HostToContainer",
                            },
                        ],
                    },
                ],
                volumes: [{ name: "root", hostPath: { path: "/" } }],
            },
        },
    };
}
