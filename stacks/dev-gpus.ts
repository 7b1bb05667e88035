import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import { GpuAlerts, SimulatedGpus } from "../components";
import { simulatedDcgmMetrics } from "../components/gpu/dcgm-metrics";
import { devAutoscaling } from "./autoscaling";
import { devImages as images } from "./dev-images";
import { gpuJobsPlan, installGpuJobs } from "./gpu-jobs";
import { gpuServerPlan, installGpuServer, rehearsedAlerts } from "./gpu-rehearsal";
import type { DevConfig } from "./schema";

/** What of it is there. */
export interface DevGpus {
    readonly gpus: boolean;
    readonly server: boolean;
    readonly smokeTest: boolean;
}

/** Seconds between two scrapes of the exporter. */
const scrapeSeconds = 1;

/** What the configuration leaves switched on: everything, unless GPUs are switched off. */
export function devGpus({
    gpus = "simulated",
    gpuServer,
    smokeTest,
}: Pick<DevConfig, "gpus" | "gpuServer" | "smokeTest">): DevGpus {
    const simulated = gpus === "simulated";
    return { gpus: simulated, server: gpuServer ?? simulated, smokeTest: smokeTest ?? simulated };
}

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
    new GpuAlerts("gpu-alerts", { metrics: simulatedDcgmMetrics, ...rehearsedAlerts }, options(monitoring));
    if (server) {
        const plan = gpuServerPlan(devAutoscaling, scrapeSeconds, { images, nodePort });
        installGpuServer(plan, options, simulated);
    }
    const jobs = gpuJobsPlan({ smokeTest }, undefined, true);
    if (jobs?.smokeTest) {
        const test = { ...jobs.smokeTest, images };
        installGpuJobs({ ...jobs, smokeTest: test }, options, simulated);
    }
}
