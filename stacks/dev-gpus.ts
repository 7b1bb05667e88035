import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import {
    Autoscaler,
    type AutoscalerArgs,
    GpuAlerts,
    SecureNamespace,
    SimulatedGpus,
    signals,
    WebServer,
    type WebServerArgs,
    webServerOpenings,
} from "../components";
import { simulatedDcgmMetrics } from "../components/gpu/dcgm-metrics";
import type { Problem } from "../components/problems";
import { devAutoscaling } from "./autoscaling";
import { devImages as images } from "./dev-images";
import { gpuJobsPlan, installGpuJobs } from "./gpu-jobs";
import type { DevConfig } from "./schema";

type Choices = Pick<DevConfig, "gpus" | "gpuServer" | "smokeTest">;

/** What of it is there. */
export interface DevGpus {
    readonly gpus: boolean;
    readonly server: boolean;
    readonly smokeTest: boolean;
}

/** Namespace and name of the server with a GPU. */
export const gpuServerApp = "gpu-server";

/** Requests that it works on at a time: with six of ten its GPU is busy for 60 %. */
export const gpuServerSlots = 10;

/** Seconds between two scrapes of the exporter: all that a GPU autoscaler knows comes from it. */
const scrapeSeconds = 1;

/** What the configuration leaves switched on: everything, unless GPUs are switched off. */
export function devGpus({ gpus = "simulated", gpuServer, smokeTest }: Choices): DevGpus {
    const simulated = gpus === "simulated";
    return { gpus: simulated, server: gpuServer ?? simulated, smokeTest: smokeTest ?? simulated };
}

/** Combinations that no single key shows to be wrong. */
export function devGpuProblems(choices: Choices): Problem[] {
    if (choices.gpus !== "none") return [];
    return (["gpuServer", "smokeTest"] as const).flatMap((property) =>
        choices[property]
            ? [
                  {
                      property,
                      given: choices[property],
                      allowed: 'nothing with gpus "none"',
                      fix: 'remove it, or choose gpus "simulated"',
                  },
              ]
            : [],
    );
}

/** A server whose GPU is as busy as its slots. */
export function gpuServer(nodePort: number): WebServerArgs {
    return {
        namespace: gpuServerApp,
        app: gpuServerApp,
        images,
        slots: gpuServerSlots,
        serviceSeconds: 1,
        gpus: 1,
        autoscaled: true,
        nodePort,
    };
}

/** The autoscaler of the talk on scaling by GPU: 60 % of each, one to three replicas, by prometheus-adapter. */
export const gpuScaling: AutoscalerArgs = {
    target: { namespace: gpuServerApp, name: gpuServerApp },
    signals: [signals.gpuUtilization({ utilization: 60, scrapeSeconds })],
    minReplicas: 1,
    maxReplicas: 3,
    backend: "prometheus-adapter",
    platform: devAutoscaling,
};

/** Simulated GPUs with their alerts, and what uses them. */
export function installDevGpus(
    { gpus, server, smokeTest }: DevGpus,
    nodePort: number,
    options: (...after: (Resource | undefined)[]) => CustomResourceOptions,
    monitoring: Resource,
): void {
    if (!gpus) return;
    const simulated = new SimulatedGpus(
        "simulated-gpus",
        { images, scrapeInterval: `${scrapeSeconds}s` },
        options(),
    );
    // The server is there to be put under load: for most of its life it is idle, and that is no fault.
    new GpuAlerts("gpu-alerts", { metrics: simulatedDcgmMetrics, idleMinutes: 1440 }, options(monitoring));
    if (server) {
        const home = new SecureNamespace(
            gpuServerApp,
            { namespace: gpuServerApp, openings: webServerOpenings(gpuServerApp) },
            options(),
        );
        const { deployment } = new WebServer(gpuServerApp, gpuServer(nodePort), options(home, simulated));
        new Autoscaler(`${gpuServerApp}-scaling`, gpuScaling, options(deployment));
    }
    const jobs = gpuJobsPlan({ smokeTest }, undefined, true);
    if (jobs?.smokeTest) {
        const test = { ...jobs.smokeTest, images };
        installGpuJobs({ ...jobs, smokeTest: test }, options, simulated);
    }
}
