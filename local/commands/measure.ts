import { join } from "node:path";
import type { TimingCase } from "../bench/timing";
import { pinnedVersion } from "../build/go";
import { checkout, type Instance } from "../instance";
import { cgroupProcesses } from "../node/cgroups";
import { findNode } from "../node/node";
import { mustRun, outputs } from "./program";

/** What `make bench` can measure; `cold` takes half an hour and is not among the defaults. */
export type Part = "queue" | "idle" | "timing" | "cold";

const reportsDir = join(checkout, "reports");
const docsFile = join(checkout, "docs/benchmarks.md");

async function target(instance: Instance) {
    await mustRun(instance);
    const { prometheusUrl, producerUrl } = (await outputs(instance, false)) as Record<string, string>;
    if (!prometheusUrl || !producerUrl) {
        throw new Error("The stack has no producer or Prometheus; run `make up` first.");
    }
    return { kubeconfig: instance.kubeconfig, prometheusUrl, producerUrl, reportsDir, versions: versions() };
}

function versions() {
    return { kubernetes: pinnedVersion(".", "k8s.io/kubernetes") };
}

export async function runBench(instance: Instance, parts: Part[], runs: number): Promise<void> {
    const running = parts.filter((part) => part !== "cold");
    if (running.length > 0) {
        const { bench } = await import("../bench");
        await bench({
            ...(await target(instance)),
            parts: running,
            runs,
            idleSource: { pids: () => nodeProcesses(instance) },
            timings,
            docsFile,
            reproduce: {
                idle: "make bench PART=idle",
                queue: "make bench PART=queue",
                timing: "make bench PART=timing",
            },
            log: console.log,
            cwd: checkout,
        });
    }
    if (parts.includes("cold")) await runCold();
}

async function runCold(): Promise<void> {
    const { benchCold, coldFigures } = await import("../bench/cold");
    const { environment } = await import("../bench/environment");
    const { figuresMarkdown, writeSection } = await import("../bench/report");
    const cold = await benchCold(checkout);
    const times = Object.entries(cold.artifacts).map(([title, seconds]) => `${title} ${seconds} s`);
    const table = figuresMarkdown(coldFigures(cold), "make bench PART=cold", environment(versions()));
    await writeSection(docsFile, "cold", `${table}\n\nOf which: ${times.join(", ")}.`);
    console.log(`\n${table}`);
}

/** The launcher is outside the node's control group, and a cost of the node all the same. */
async function nodeProcesses(instance: Instance): Promise<number[]> {
    const record = await findNode(instance);
    return [...(record ? [record.pid] : []), ...cgroupProcesses(instance.id)];
}

/** In this order: each leaves what the next one starts from, the last a running stack. */
const timings: TimingCase[] = [
    { name: "no-change up", command: ["make", "up"], maxSeconds: 5 },
    { name: "down", prepare: ["make", "up"], command: ["make", "down"], maxSeconds: 15 },
    {
        name: "warm up, to all Ready and the loop seen",
        prepare: ["make", "down"],
        command: ["make", "up"],
        maxSeconds: 60,
    },
];
