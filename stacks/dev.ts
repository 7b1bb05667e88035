import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
    Autoscaler,
    DeadMansSwitch,
    deadMansSwitchUrl,
    HashServer,
    KedaManifests,
    KubeStateMetricsManifests,
    LogCollectorManifests,
    LokiManifests,
    MetricsServerManifests,
    MonitoringManifests,
    PodinfoManifests,
    PrometheusAdapterManifests,
    RedisQueue,
} from "../components";
import { devAutoscaling, podinfoScaling } from "./autoscaling";
import { devGpus, installDevGpus } from "./dev-gpus";
import { devImages } from "./dev-images";
import { installLlm, type LlmPlan, llmPlan } from "./llm";
import type { PlatformOutputs } from "./outputs";
import type { DevConfig } from "./schema";

/** Where each endpoint listens on the node. */
export const nodePorts = {
    prometheus: 30090,
    alertmanager: 30093,
    producer: 30080,
    podinfo: 30898,
    hash: 30800,
    llm: 30434,
    gpu: 30801,
    loki: 30310,
} as const;

const noRegistry = "not part of the dev stack: the embedded cluster has no registry to take its image from";

const switchedOff = (key: string) =>
    `not part of the dev stack: switched off there (pulumi-kube-observability:${key})`;

/** The recipe for the embedded cluster of this repository: one node, images made on this machine. */
export function dev(config: DevConfig): PlatformOutputs {
    const images = devImages;
    const cluster = new Provider("dev", {
        kubeconfig: config.kubeconfig,
        // After an `up` that was killed, objects are in the cluster but not in the state: take them over.
        upsertExistingObjects: true,
    });
    const onCluster = { provider: cluster };
    const parts = {
        podinfo: config.podinfo ?? true,
        hash: config.hash ?? true,
        logs: config.logs ?? true,
    };

    const monitoring = new MonitoringManifests(
        "monitoring",
        {
            ...config.monitoring,
            images,
            prometheusNodePort: nodePorts.prometheus,
            alertmanagerNodePort: nodePorts.alertmanager,
            deadMansSwitchUrl: deadMansSwitchUrl(),
        },
        onCluster,
    );
    // As MonitoringManifests names it.
    const alertmanagerUrl = "http://alertmanager.monitoring.svc:9093";
    const { runbooksUrl } = config;
    const watch = { images, alertmanagerUrl, silenceSeconds: 60, runbooksUrl };
    new DeadMansSwitch("dead-mans-switch", watch, onCluster);
    new MetricsServerManifests("metrics-server", { images }, onCluster);
    new KubeStateMetricsManifests("kube-state-metrics", { images, scrapeInterval: "5s" }, onCluster);
    new PrometheusAdapterManifests("prometheus-adapter", { images, relistSeconds: 5 }, onCluster);
    const keda = new KedaManifests("keda", { images }, onCluster);
    new RedisQueue(
        "queue",
        {
            ...config.queue,
            images,
            keda,
            autoscaling: devAutoscaling,
            producerNodePort: nodePorts.producer,
        },
        onCluster,
    );

    if (parts.podinfo) {
        const podinfo = { scrapeInterval: "5s" };
        const server = new PodinfoManifests(
            "podinfo",
            { ...podinfo, images, autoscaled: true, monitored: true, nodePort: nodePorts.podinfo },
            onCluster,
        );
        const scaling = podinfoScaling(podinfo, 1, devAutoscaling);
        new Autoscaler("podinfo-scaling", scaling, { ...onCluster, dependsOn: [server, keda] });
    }
    if (parts.hash) {
        new HashServer("hash", { images, autoscaling: devAutoscaling, nodePort: nodePorts.hash }, onCluster);
    }

    const after = (...resources: (pulumi.Resource | undefined)[]) => ({
        ...onCluster,
        dependsOn: resources.filter((resource) => resource !== undefined),
    });
    if (parts.logs) installLogs();

    const llm = devLlm(config.llm);
    if (llm) installLlm(llm, after, keda);
    const gpus = devGpus(config);
    installDevGpus(gpus, nodePorts.gpu, after, monitoring);

    // The embedded cluster writes here where it forwards each node port to: free ports differ between machines.
    const { data } = ConfigMap.get("local-endpoints", "kube-public/local-endpoints", onCluster);
    const url = (nodePort: number) => data.apply((endpoints) => hostUrl(endpoints, nodePort));
    return {
        prometheusUrl: url(nodePorts.prometheus),
        alertmanagerUrl: url(nodePorts.alertmanager),
        producerUrl: url(nodePorts.producer),
        podinfoUrl: parts.podinfo ? url(nodePorts.podinfo) : null,
        hashUrl: parts.hash ? url(nodePorts.hash) : null,
        llmUrl: llm ? url(nodePorts.llm) : null,
        gpuUrl: gpus.server ? url(nodePorts.gpu) : null,
        lokiUrl: parts.logs ? url(nodePorts.loki) : null,
        grafanaUrl: null,
        grafanaUser: null,
        grafanaPassword: null,
        kibanaUrl: null,
        kibanaUser: null,
        notes: {
            ...Object.fromEntries(
                ["grafanaUrl", "grafanaUser", "grafanaPassword", "kibanaUrl", "kibanaUser"].map((name) => [
                    name,
                    noRegistry,
                ]),
            ),
            ...(!parts.podinfo && { podinfoUrl: switchedOff("podinfo") }),
            ...(!parts.hash && { hashUrl: switchedOff("hash") }),
            ...(!llm && { llmUrl: switchedOff("llm.enabled") }),
            ...(!gpus.server && { gpuUrl: switchedOff(gpus.gpus ? "gpuServer" : "gpus") }),
            ...(!parts.logs && { lokiUrl: switchedOff("logs") }),
        },
    };

    function installLogs() {
        const monitored = { images, monitored: true };
        const store = new LokiManifests("loki", { ...monitored, nodePort: nodePorts.loki }, onCluster);
        new LogCollectorManifests("log-collector", { ...monitored, storeUrl: store.otlpUrl }, onCluster);
    }
}

/** The simulator of Ollama, small, behind its proxy; there unless it is switched off. */
function devLlm(choices: DevConfig["llm"]): LlmPlan | undefined {
    const { tokensPerSecond, meanTokens, distribution, loadSeconds } = choices ?? {};
    return llmPlan({ ...choices, enabled: choices?.enabled ?? true }, devAutoscaling, {
        engine: "simulator",
        images: devImages,
        simulation: { tokensPerSecond, meanTokens, distribution, loadSeconds },
        proxy: { nodePort: nodePorts.llm },
    });
}

/**
 * The address on this machine of a port on the node.
 *
 * @throws pulumi.RunError when the cluster does not forward that port.
 */
export function hostUrl(endpoints: Readonly<Record<string, string>> | undefined, nodePort: number): string {
    const url = endpoints?.[nodePort];
    if (url === undefined) {
        throw new pulumi.RunError(
            `ConfigMap kube-public/local-endpoints has no address for node port ${nodePort}; ` +
                'is this the embedded cluster? "make cluster" writes it.',
        );
    }
    return url;
}
