import { join } from "node:path";
import { pinnedVersion } from "../build/go";
import { checkout, type Instance } from "../instance";
import { cgroupPaths, cgroupProcesses } from "../node/cgroups";
import { findNode } from "../node/node";
import { mustRun, outputs } from "./program";

const reportsDir = join(checkout, "reports");

async function target(instance: Instance) {
    await mustRun(instance);
    const { prometheusUrl, producerUrl } = (await outputs(instance, false)) as Record<string, string>;
    if (!prometheusUrl || !producerUrl)
        throw new Error("the stack has no producer or Prometheus; run `make up` first");
    const versions = { kubernetes: pinnedVersion(".", "k8s.io/kubernetes") };
    return { kubeconfig: instance.kubeconfig, prometheusUrl, producerUrl, reportsDir, versions };
}

export async function runDemo(instance: Instance, messages: number): Promise<void> {
    const { demo } = await import("../demo");
    const { exact } = await demo({ ...(await target(instance)), messages });
    if (!exact) process.exitCode = 1;
}

export async function runBench(
    instance: Instance,
    parts: ("queue" | "idle" | "timing")[],
    runs: number,
): Promise<void> {
    const { bench } = await import("../bench");
    const record = await findNode(instance);
    const cgroups = cgroupPaths(instance.id);
    await bench({
        ...(await target(instance)),
        parts,
        runs,
        // The launcher is outside the node's control group, and is a cost of the node all the same.
        idleSource: {
            pids: () => [...(record ? [record.pid] : []), ...cgroupProcesses(instance.id)],
            cgroups,
        },
        timings: timings(instance),
        docsFile: join(checkout, "docs/benchmarks.md"),
        reproduce: {
            idle: "make bench PART=idle",
            queue: "make bench PART=queue",
            timing: "make bench PART=timing",
        },
        log: console.log,
        cwd: checkout,
    });
}

function timings(_instance: Instance) {
    return [];
}
