import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { llmSettings } from "../../components/workloads/llm-server/engines";
import { describeEnvironment, environment } from "../bench/environment";
import { writeSection } from "../bench/report";
import { pinnedVersion } from "../build/go";
import { kubectl } from "../cluster";
import { fileTime } from "../demo/report";
import { checkout, type Instance } from "../instance";
import { type LoadPlan, type LoadResult, runLoad } from "../load";
import { k6Path } from "../load/k6";
import { networkOf, stopNode } from "../node/node";
import { allImages, startCluster } from "../start-cluster";
import { tidied } from "../tidied";
import { runnerDeployer } from "../verify/deployer";
import { type Row, rowsOf, targets, utilization } from "./figures";
import { balancePlot } from "./plot";
import { namespace, policies, queue, servers, serversOf } from "./policies";
import type { Job } from "./queues";
import { balanceMarkdown } from "./report";
import { changeReplicas, loadSeconds, type ScaleIn, type Servers, scaleInFigures } from "./scale-in";
import { drawTrace, type Trace, typicalTrace } from "./trace";

export interface BenchBalanceOptions {
    /** Requests to each policy, 100 to 100000; 15000 take 20 minutes. */
    readonly requests: number;
    /** Whether to write docs/benchmarks.md and its picture. */
    readonly write?: boolean;
}

/** Mean time of service: long beside what proxies and connections take, short enough for many. */
export const meanSeconds = 0.25;

/** Traces of which the most typical is played. */
const candidates = 64;

/** One trace of requests to the same four servers behind each policy, on a cluster of its own. */
export async function benchBalance(
    instance: Instance,
    { requests, write }: BenchBalanceOptions,
): Promise<void> {
    const trace = typicalTrace({ requests, servers, utilization, meanSeconds }, candidates);
    await k6Path();
    await stopNode(instance);
    const work = async () => {
        const cluster = await startCluster(instance);
        await allImages(cluster);
        await deploy(instance);
        const within = networkOf(cluster.record);
        const scaleIn = await changing(instance, within);
        const results = await compare(instance, within, trace);
        await report(rowsOf(trace, meanSeconds, results), scaleIn, trace, write ?? false);
    };
    await tidied(work, () => stopNode(instance));
}

async function deploy(instance: Instance): Promise<void> {
    const { kubeconfig, dir } = instance;
    const { failures } = await runnerDeployer("").up({
        stack: "balance",
        main: "local/balance/program.ts",
        config: { "pulumi-kube-observability:kubeconfig": kubeconfig },
        kubeconfig,
        home: join(dir, "pulumi", "balance"),
    });
    if (failures.length > 0) throw new Error(failures.join("\n"));
}

/** All policies at the same time, so that what disturbs this machine disturbs all of them. */
async function compare(
    instance: Instance,
    within: readonly string[],
    { jobs }: Trace,
): Promise<Map<string, LoadResult>> {
    const minutes = Math.ceil((jobs.at(-1)?.at ?? 0) / 60);
    console.log(`${jobs.length} requests to each of ${policies.length} policies: ${minutes} minutes.`);
    const results = await Promise.all(
        policies.map(async ({ app, service }) => {
            const plan = planOf(await addressOf(instance, service), jobs);
            return [app, await runLoad(plan, { within })] as const;
        }),
    );
    return new Map(results);
}

/** The second part: replicas behind the single queue come and go under load. */
async function changing(instance: Instance, within: readonly string[]): Promise<ScaleIn> {
    console.log(`Replicas come and go under load: ${loadSeconds} s.`);
    // As much as half of the servers can do.
    const half = utilization / 2;
    const requests = Math.round((loadSeconds * servers * half) / meanSeconds);
    const jobs = drawTrace({ requests, servers, utilization: half, meanSeconds }, 1);
    const load = runLoad(planOf(await addressOf(instance, queue.service), jobs), { within });
    const [result, without] = await Promise.all([load, changeReplicas(serversOn(instance), servers)]);
    return scaleInFigures(result, without, servers);
}

function serversOn(instance: Instance): Servers {
    const kube = (...args: string[]) => kubectl(instance, [`--namespace=${namespace}`, ...args]);
    const deployment = `deployment/${queue.app}`;
    const patience = "--timeout=60s";
    return {
        scale: async (replicas) => void (await kube("scale", deployment, `--replicas=${replicas}`)),
        gone: async () => {
            const pods = `--selector=app.kubernetes.io/name=${queue.app}`;
            await kube("wait", "--for=delete", "pod", pods, patience);
        },
        ready: async () => void (await kube("rollout", "status", deployment, patience)),
    };
}

/** Each request says how long it is to take, and has a connection of its own: so a Service chooses anew for each. */
function planOf(address: string, jobs: readonly Job[]): LoadPlan {
    const body = (seconds: number) =>
        JSON.stringify({
            model: llmSettings(serversOf(queue)).model,
            prompt: "Go",
            stream: false,
            options: { simulated_seconds: seconds },
        });
    return {
        url: `http://${address}/api/generate`,
        method: "POST",
        timeoutSeconds: 600,
        reuseConnections: false,
        arrivals: {
            kind: "trace",
            at: jobs.map(({ at }) => at),
            bodies: jobs.map(({ seconds }) => body(seconds)),
        },
    };
}

async function addressOf(instance: Instance, service: string): Promise<string> {
    const what = [`--namespace=${namespace}`, "get", "service", service];
    return kubectl(instance, [...what, "--output=jsonpath={.spec.clusterIP}"]);
}

async function report(rows: readonly Row[], scaleIn: ScaleIn, trace: Trace, write: boolean): Promise<void> {
    const where = environment({
        kubernetes: pinnedVersion(".", "k8s.io/kubernetes"),
        k6: pinnedVersion("k6", "go.k6.io/k6"),
    });
    const figures = targets(rows, scaleIn);
    const table = balanceMarkdown(rows, figures, trace, where);
    const folder = join(checkout, "reports");
    await mkdir(folder, { recursive: true });
    const data = JSON.stringify(
        { where, seed: trace.seed, exactMean: trace.exactMean, rows, scaleIn },
        null,
        2,
    );
    await writeFile(join(folder, `bench-balance-${fileTime(where.date)}.json`), `${data}\n`);
    const svg = await balancePlot(rows, describeEnvironment(where));
    await writeFile(join(folder, "bench-balance.svg"), svg);
    console.log(`\n${table}\n`);
    if (write) {
        await writeFile(join(checkout, "docs", "bench-balance.svg"), svg);
        const picture = "![Share of requests that wait longer, for each policy](bench-balance.svg)";
        await writeSection(join(checkout, "docs", "benchmarks.md"), "balance", `${picture}\n\n${table}`);
    }
    if (figures.some(({ met }) => met === false)) process.exitCode = 1;
}
