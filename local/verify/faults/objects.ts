import type { core } from "@pulumi/kubernetes/types/input";
import { scalingBehavior } from "../../../components/autoscaling/autoscaler/behavior";
import { demandSeries } from "../../../components/autoscaling/autoscaler/chain";
import { metricOfSignal } from "../../../components/autoscaling/prometheus-adapter";
import { appLabel, containerSecurity, podSecurity, resources } from "../../../components/conventions";
import { podMonitor, prometheusRule } from "../../../components/monitoring/monitors";
import { pythonCommand } from "../../../components/program-files";
import { devImages } from "../../../stacks/dev-images";
import { calm, exporter, namespace, pace, platform, scrapeSeconds, stampedExporter } from "./subjects";

/** Port of the exporters. */
export const exporterPort = 8000;

/** A Deployment of pods that do nothing: what is scaled is their number. */
export function idleDeployment(name: string, replicas?: number) {
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace },
        spec: {
            ...(replicas !== undefined && { replicas }),
            selector: { matchLabels: appLabel(name) },
            template: {
                metadata: { labels: appLabel(name) },
                spec: {
                    ...pod,
                    containers: [{ ...container(name), command: ["python3", "-S", "-c", idle] }],
                },
            },
        },
    };
}

/** The first process of a container is ended by a signal only where it says so. */
const idle = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit()); signal.pause()";

/** The `spec` of an exporter; `source` is the ConfigMap with its program. */
export function exporterSpec(name: string, source: core.v1.Volume, mount: core.v1.VolumeMount) {
    const values = Object.entries(calm).map(([key, value]) => `${key}=${value}`);
    const env = { VALUES: values.join(" "), STAMPED: name === stampedExporter ? "1" : "0" };
    return {
        replicas: 1,
        selector: { matchLabels: appLabel(name) },
        template: {
            metadata: { labels: appLabel(name) },
            spec: {
                ...pod,
                containers: [
                    {
                        ...container(name),
                        command: pythonCommand("exporter.py"),
                        env: Object.entries(env).map(([name, value]) => ({ name, value })),
                        ports: [{ name: "http", containerPort: exporterPort }],
                        // No liveness probe: one that hangs is to go on hanging.
                        readinessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 1 },
                        volumeMounts: [mount],
                    },
                ],
                volumes: [source],
            },
        },
    };
}

/** What scrapes an exporter. */
export function exporterMonitor(name: string) {
    return podMonitor({ app: name, namespace, port: "http", interval: `${scrapeSeconds}s` });
}

const pod = {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    securityContext: podSecurity,
};

function container(name: string) {
    return {
        name,
        image: devImages.python,
        imagePullPolicy: "IfNotPresent",
        resources: resources(["5m", "500m"], ["16Mi", "64Mi"]),
        securityContext: containerSecurity,
    };
}

const naiveSeries = `redis_key_size{namespace="${namespace}",job="${exporter}",key="plain"}`;
const behavior = scalingBehavior(6, pace);

/** A ScaledObject as many are written: what Prometheus does not answer is KEDA's default, a demand of 0. */
export const naiveScaledObject = {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "naive-keda", namespace },
    spec: {
        scaleTargetRef: { name: "naive-keda" },
        minReplicaCount: 1,
        maxReplicaCount: 6,
        advanced: { horizontalPodAutoscalerConfig: { name: "naive-keda", behavior } },
        triggers: [
            {
                type: "prometheus",
                metricType: "AverageValue",
                metadata: {
                    serverAddress: platform.prometheusUrl ?? "",
                    query: `sum(${naiveSeries})`,
                    threshold: "10",
                },
            },
        ],
    },
};

/** A rule as many are written: without series the demand is 0. Its series is one that the adapter's rule serves. */
export const naiveRule = prometheusRule("naive-rule", namespace, {
    interval: "1s",
    rules: [
        {
            record: demandSeries,
            expr: `sum(${naiveSeries}) or vector(0)`,
            labels: { namespace, autoscaler: "naive-rule", signal: "queue" },
        },
    ],
});

/** The HPA on that rule. */
export const naiveHpa = {
    metadata: { name: "naive-rule", namespace },
    spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "naive-rule" },
        minReplicas: 1,
        maxReplicas: 6,
        behavior,
        metrics: [
            {
                type: "Object",
                object: {
                    describedObject: { apiVersion: "v1", kind: "Namespace", name: namespace },
                    metric: {
                        name: metricOfSignal(demandSeries),
                        selector: { matchLabels: { autoscaler: "naive-rule", signal: "queue" } },
                    },
                    target: { type: "AverageValue", averageValue: "10" },
                },
            },
        ],
    },
};
