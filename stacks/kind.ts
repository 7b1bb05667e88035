import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { gpuPodPlacement, type PodinfoArgs, simulatedPoolLabel } from "../components";
import { type ClusterFacts, readClusterFacts } from "../components/cluster/cluster-facts";
import { alertReceiversOf } from "./alerting";
import { chartAutoscaling, noHash, podinfoScaling, podinfoScrapeInterval } from "./autoscaling";
import { configError } from "./config-error";
import { gpuJobsPlan } from "./gpu-jobs";
import { gpuServerPlan, noGpuServer, rehearsalProblems } from "./gpu-rehearsal";
import { llmPlan, llmReason } from "./llm";
import type { PlatformOutputs } from "./outputs";
import { planProblems } from "./plan";
import { installPlatform, type PlatformPlan } from "./platform";
import { platformOutputs } from "./platform-outputs";
import type { KindConfig } from "./schema";

/** Of the cluster of `make kind` (stacks/kind-cluster.yaml). */
export const usualContext = "kind-observability";
const ingressClass = "traefik";
const issuer = "self-signed";
/** Seconds between two scrapes of the simulated GPUs. */
const gpuScrapeSeconds = 5;

/** The recipe for a kind cluster: upstream charts on one machine, GPUs simulated, hosts below localhost. */
export async function kind(config: KindConfig): Promise<PlatformOutputs> {
    const context = config.context ?? usualContext;
    const facts = await readClusterFacts(config.kubeconfig, context);
    const plan = kindPlan(config, facts);
    const problems = [...rehearsalProblems(config), ...planProblems(plan, facts)];
    if (problems.length > 0) {
        throw configError(problems);
    }
    pulumi.log.info(`Installing into the cluster at ${facts.server} (context "${facts.context}").`);
    const provider = new Provider("kind", {
        kubeconfig: pulumi.secret(facts.kubeconfig),
        clusterIdentifier: facts.uid,
        // After an `up` that was killed, objects are in the cluster but not in the state: take them over.
        upsertExistingObjects: true,
    });
    const platform = installPlatform(plan, provider);
    const noLogging = "logging is switched off in this stack (pulumi-kube-observability:logging)";
    return platformOutputs(plan, platform, {
        kibanaUrl: noLogging,
        kibanaUser: noLogging,
        hashUrl: noHash,
        llmUrl: llmReason(plan.llm),
        gpuUrl: noGpuServer,
    });
}

/** What is installed on kind: small, everything reached through the host's ports 80 and 443. */
export function kindPlan(
    config: Omit<KindConfig, "target" | "kubeconfig">,
    facts: Pick<ClusterFacts, "apiServices">,
): PlatformPlan {
    const source = { mirror: config.chartMirror, versions: config.chartVersions };
    const domain = config.domain ?? "localhost";
    const host = (name: string) => `${name}.${domain}`;
    const ingressOf = (name: string) => ({
        className: ingressClass,
        host: host(name),
        clusterIssuer: issuer,
    });
    const mesh = config.mesh ?? true;
    const gpus = config.gpus ?? "simulated";
    const gpuNodes = { kind: "simulated" } as const;
    // kind's kubelets sign their own certificates.
    const kubeletInsecureTls = true;
    const podinfo: PodinfoArgs = {
        source,
        mesh,
        autoscaled: true,
        monitored: true,
        scrapeInterval: podinfoScrapeInterval,
        ingress: ingressOf("podinfo"),
    };
    return {
        metricsServer: { source, facts, kubeletInsecureTls },
        monitoring: {
            source,
            kubeletInsecureTls,
            alertReceivers: alertReceiversOf(config.alerts),
            series: "lean",
            scrapeInterval: config.monitoring.scrapeInterval ?? "15s",
            retention: config.monitoring.retention ?? "1d",
            exposure: {
                kind: "ingress",
                domain,
                ingressClassName: ingressClass,
                tls: { clusterIssuer: issuer },
                // They have no login, but only this machine reaches them.
                servers: ["grafana", "prometheus", "alertmanager"],
            },
        },
        deadMansSwitch: { runbooksUrl: config.runbooksUrl },
        adapter: { source, facts },
        keda: { source, facts, monitored: true },
        certManager: { source, issuer: { kind: "self-signed" }, monitored: true },
        traefik: {
            source,
            ingressClass,
            exposure: { kind: "host-port" },
            httpsRedirect: true,
            // The node whose ports the host forwards.
            nodeSelector: { "ingress-ready": "true" },
            tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }],
            monitored: true,
        },
        logging:
            (config.logging ?? true)
                ? {
                      source,
                      elasticsearch: { storage: "5Gi" },
                      retentionDays: 1,
                      kibana: { ingress: { host: host("kibana"), ingressClass, issuer } },
                      monitored: true,
                  }
                : undefined,
        mesh: mesh ? { source, monitored: true } : undefined,
        podinfo,
        podinfoScaling: podinfoScaling(podinfo, 1),
        hash: config.hash
            ? {
                  autoscaling: chartAutoscaling,
                  ingress: ingressOf("hash"),
              }
            : undefined,
        llm: llmPlan(config.llm, chartAutoscaling, {
            engine: "ollama",
            contextTokens: config.llm?.contextTokens,
        }),
        queue: config.queue,
        producerIngress: { host: host("producer"), ingressClass, clusterIssuer: issuer },
        gpuOperator: undefined,
        dcgmExporter: undefined,
        fakeGpuOperator: gpus === "fake-gpu-operator" ? { source, monitored: true } : undefined,
        // On the same nodes as that operator: one label for pods to select, whoever simulates.
        simulatedGpus:
            gpus === "simulated"
                ? { nodeSelector: simulatedPoolLabel(), scrapeInterval: `${gpuScrapeSeconds}s` }
                : undefined,
        gpuServer:
            (config.gpuServer ?? gpus === "simulated")
                ? gpuServerPlan(chartAutoscaling, gpuScrapeSeconds, {}, ingressOf("gpu"))
                : undefined,
        gpuNodes: gpus === "none" ? undefined : { nodes: gpuNodes },
        gpuJobs: gpuJobsPlan(config, gpuPodPlacement({ nodes: gpuNodes }).pod, true),
        runbooksUrl: config.runbooksUrl,
    };
}
