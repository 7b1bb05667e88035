import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { gpuPodPlacement, type PodinfoArgs } from "../components";
import { type ClusterFacts, readClusterFacts } from "../components/cluster/cluster-facts";
import type { Problem } from "../components/problems";
import { alertReceiversOf } from "./alerting";
import { chartAutoscaling, noHash, podinfoScaling, podinfoScrapeInterval } from "./autoscaling";
import { configError } from "./config-error";
import { gpuJobsPlan } from "./gpu-jobs";
import { gpuNodeSource, nodeProblems } from "./gpu-nodes";
import { type LlmPlan, llmPlan, llmReason } from "./llm";
import type { PlatformOutputs } from "./outputs";
import { planProblems } from "./plan";
import { installPlatform, type PlatformPlan } from "./platform";
import { platformOutputs } from "./platform-outputs";
import type { GpuCloudConfig } from "./schema";

/** The recipe for a cluster with GPUs that exists already, at any vendor: what differs is in its stack file. */
export async function gpuCloud(config: GpuCloudConfig): Promise<PlatformOutputs> {
    const facts = await readClusterFacts(config.kubeconfig, config.context);
    const problems = gpuCloudProblems(config);
    const plan = problems.length > 0 ? undefined : gpuCloudPlan(config, facts);
    const planned = plan ? planProblems(plan, facts) : [];
    if (!plan || planned.length > 0) {
        throw configError([...problems, ...planned]);
    }
    pulumi.log.info(`Installing into the cluster at ${facts.server} (context "${facts.context}").`);
    const provider = new Provider("gpu-cloud", {
        // The text and not the path, so that other machines can go on with this state; and what the cluster is
        // told by, so that a new address or certificate of it does not make it another cluster.
        kubeconfig: pulumi.secret(facts.kubeconfig),
        clusterIdentifier: facts.uid,
        // After an `up` that was killed, objects are in the cluster but not in the state: take them over.
        upsertExistingObjects: true,
    });
    const notExposed = (service: string, port: number) =>
        "it has no login, so it is not reached from outside the cluster: " +
        `kubectl --namespace monitoring port-forward service/${service} ${port}`;
    const platform = installPlatform(plan, provider);
    return platformOutputs(plan, platform, {
        prometheusUrl: notExposed("monitoring-prometheus", 9090),
        alertmanagerUrl: notExposed("monitoring-alertmanager", 9093),
        producerUrl: noDemo("queue", "producer", 8080),
        podinfoUrl: noDemo("podinfo", "podinfo", 9898),
        hashUrl: plan.hash ? noDemo("hash", "hash", "8000:80") : noHash,
        llmUrl: llmReason(plan.llm),
        kibanaUrl: noLogging,
        kibanaUser: noLogging,
    });
}

function noDemo(namespace: string, service: string, port: number | string): string {
    return (
        "it has no login, so it has a public host only with pulumi-kube-observability:demo: " +
        `kubectl --namespace ${namespace} port-forward service/${service} ${port}`
    );
}

const noLogging = "logging is switched off in this stack (pulumi-kube-observability:logging.enabled)";

/** Combinations that no single key shows to be wrong. */
export function gpuCloudProblems({ gpu, nodes }: Pick<GpuCloudConfig, "gpu" | "nodes">): Problem[] {
    const needsOperator = (["driver", "toolkit", "timeSlices", "mig"] as const).filter(
        (key) => gpu[key] !== undefined && gpu.software === "preinstalled",
    );
    return [
        ...needsOperator.map((key) => ({
            property: `gpu.${key}`,
            given: gpu[key],
            allowed: 'nothing with gpu.software "preinstalled"',
            fix: `remove it, or choose gpu.software "operator", which brings what ${key} is about`,
        })),
        ...nodeProblems(nodes),
    ];
}

/** What is installed: several of each, on volumes, behind an ingress with certificates. */
export function gpuCloudPlan(
    config: Omit<GpuCloudConfig, "target" | "kubeconfig" | "context">,
    facts: Pick<ClusterFacts, "apiServices">,
): PlatformPlan {
    const { domain, storageClass, gpu, kubeletInsecureTls } = config;
    const source = { mirror: config.chartMirror, versions: config.chartVersions };
    const host = (name: string) => `${name}.${domain}`;
    const ingressClass = config.ingressClass ?? "traefik";
    const issuer = config.acmeEmail === undefined ? "self-signed" : "acme";
    const mesh = config.mesh ?? false;
    const replicas = config.monitoring.replicas ?? 2;
    const storage = config.monitoring.storageSize ?? "100Gi";
    const objects = config.monitoring.objectStorageSecret;
    const podinfo: PodinfoArgs = {
        source,
        mesh,
        autoscaled: true,
        monitored: true,
        scrapeInterval: podinfoScrapeInterval,
        ...(config.demo && {
            ingress: { className: ingressClass, host: host("podinfo"), clusterIssuer: issuer },
        }),
    };
    return {
        metricsServer: { source, facts, replicas: 2, kubeletInsecureTls },
        monitoring: {
            source,
            kubeletInsecureTls,
            alertReceivers: alertReceiversOf(config.alerts),
            series: "lean",
            scrapeInterval: config.monitoring.scrapeInterval ?? "30s",
            retention: config.monitoring.retention ?? "15d",
            replicas: { prometheus: replicas, alertmanager: replicas },
            storage: { prometheus: storage, alertmanager: "2Gi", grafana: "5Gi", storageClass },
            ...(objects && { objectStorage: { secretName: objects.name, key: objects.key } }),
            exposure: {
                kind: "ingress",
                domain,
                ingressClassName: ingressClass,
                tls: { clusterIssuer: issuer },
                servers: ["grafana"],
            },
        },
        deadMansSwitch: { runbooksUrl: config.runbooksUrl },
        adapter: { source, facts, replicas: 2 },
        keda: { source, facts, replicas: 2, monitored: true },
        certManager: {
            source,
            replicas: 2,
            issuer:
                config.acmeEmail === undefined
                    ? { kind: "self-signed" }
                    : { kind: "acme", email: config.acmeEmail, ingressClass },
            monitored: true,
        },
        traefik:
            config.ingressClass === undefined
                ? { source, ingressClass, replicas: 2, httpsRedirect: true, monitored: true }
                : undefined,
        logging:
            (config.logging.enabled ?? true)
                ? {
                      source,
                      collector: config.logging.collector,
                      retentionDays: config.logging.retentionDays ?? 14,
                      elasticsearch: {
                          nodes: config.logging.nodes ?? 2,
                          memory: "8Gi",
                          storage: config.logging.storageSize ?? "200Gi",
                          storageClass,
                          keepData: true,
                      },
                      kibana: { ingress: { host: host("kibana"), ingressClass, issuer } },
                      monitored: true,
                  }
                : undefined,
        mesh: mesh ? { source, replicas: 2, monitored: true } : undefined,
        podinfo,
        podinfoScaling: podinfoScaling(podinfo, 2),
        hash: config.hash
            ? {
                  autoscaling: chartAutoscaling,
                  ...(config.demo && {
                      ingress: { className: ingressClass, host: host("hash"), clusterIssuer: issuer },
                  }),
              }
            : undefined,
        llm: gpuLlm(config),
        queue: config.queue,
        producerIngress: config.demo
            ? { host: host("producer"), ingressClass, clusterIssuer: issuer }
            : undefined,
        gpuOperator:
            gpu.software === "preinstalled"
                ? undefined
                : {
                      source,
                      driver: gpu.driver,
                      toolkit: gpu.toolkit,
                      ...(gpu.timeSlices && { sharing: { timeSlicing: { replicas: gpu.timeSlices } } }),
                      ...(gpu.mig && { mig: { strategy: gpu.mig } }),
                      monitored: true,
                  },
        dcgmExporter: gpu.software === "preinstalled" ? { source, monitored: true } : undefined,
        fakeGpuOperator: undefined,
        simulatedGpus: undefined,
        gpuServer: undefined,
        gpuNodes: { nodes: gpuNodeSource(config.nodes) },
        gpuJobs: gpuJobsPlan(
            {
                smokeTest: gpu.smokeTest,
                training: config.training && { ...config.training, storageClass },
            },
            gpuPodPlacement({ nodes: gpuNodeSource(config.nodes) }).pod,
        ),
        runbooksUrl: config.runbooksUrl,
    };
}

/** Where its GPUs are: vLLM has one at least, Ollama as many as it is given. */
function gpuLlm({
    llm,
    storageClass,
    nodes,
}: Pick<GpuCloudConfig, "llm" | "storageClass" | "nodes">): LlmPlan | undefined {
    const engine = llm?.engine ?? "vllm";
    const gpus = llm?.gpus ?? (engine === "vllm" ? 1 : undefined);
    return llmPlan(llm, chartAutoscaling, {
        engine,
        gpus,
        ...(gpus !== undefined && { placement: gpuPodPlacement({ nodes: gpuNodeSource(nodes) }, gpus).pod }),
        contextTokens: llm?.contextTokens,
        huggingFaceToken: llm?.huggingFaceToken,
        storage: { size: llm?.storageSize, storageClass },
    });
}
