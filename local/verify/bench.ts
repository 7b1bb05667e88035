import { join } from "node:path";
import { environment } from "../bench/environment";
import { figuresMarkdown, writeSection } from "../bench/report";
import { percentile } from "../bench/spread";
import { artifactPath } from "../build/artifacts";
import { pinnedVersion } from "../build/go";
import { kubectl } from "../cluster";
import { checkout, type Instance } from "../instance";
import { Api } from "../runner/api";
import { Helm } from "../runner/helm";
import { readKubeConfig } from "../runner/kubeconfig";
import { subjectOf, sweep } from "./command";
import { type Declared, declaredBy } from "./declared";
import { runProcess } from "./process";
import { added, requestCount, snapshot } from "./snapshot";

export interface BenchOptions {
    readonly charts: string;
    readonly stack: string;
    readonly runs: number;
}

/** Seconds and requests to the API server of one step. */
interface Cost {
    readonly seconds: number;
    readonly requests: number;
}

type Step = "install" | "noChange" | "destroy";
type Way = "ours" | "helm";

/**
 * A whole chart stack against `helm upgrade --install --wait` of the same charts, with the same values, one after
 * the other, and kubectl for the objects beside them. Ways alternate in each run, on the same cluster.
 */
export async function benchCharts(instance: Instance, options: BenchOptions): Promise<void> {
    const declared = await declaredBy(subjectOf(instance, options.stack, options.charts).deployment);
    const api = new Api(await readKubeConfig(instance.kubeconfig));
    const helm = new Helm(api, instance.kubeconfig, join(artifactPath("helm"), "helm"));
    const costs: Record<Step, Record<Way, Cost[]>> = {
        install: { ours: [], helm: [] },
        noChange: { ours: [], helm: [] },
        destroy: { ours: [], helm: [] },
    };
    const measure = async (step: Step, way: Way, work: () => Promise<unknown>) => {
        const before = await requestCount(instance.kubeconfig);
        const started = performance.now();
        await work();
        const seconds = (performance.now() - started) / 1000;
        const requests = (await requestCount(instance.kubeconfig)) - before;
        costs[step][way].push({ seconds, requests });
        console.log(`${way} ${step} ${seconds.toFixed(1)} s, ${requests} requests`);
    };
    const ways: Record<Way, Record<Step, () => Promise<unknown>>> = {
        ours: {
            install: () => runProcess(instance, "up", options),
            noChange: () => runProcess(instance, "up", options),
            destroy: () => runProcess(instance, "destroy", options),
        },
        helm: {
            install: () => installByHand(instance, helm, declared),
            noChange: () => installByHand(instance, helm, declared),
            destroy: () => removeByHand(instance, helm, declared),
        },
    };
    const empty = await snapshot(instance.kubeconfig);
    for (let run = 0; run < options.runs; run++) {
        for (const way of run % 2 === 0 ? (["helm", "ours"] as const) : (["ours", "helm"] as const)) {
            for (const step of ["install", "noChange", "destroy"] as const) {
                await measure(step, way, ways[way][step]);
            }
            await sweep(instance, added(empty, await snapshot(instance.kubeconfig)));
        }
    }
    api.close();
    await report(options, declared, costs);
}

/** Namespaces and what charts refer to first, then the charts, then what needs their definitions. */
async function installByHand(instance: Instance, helm: Helm, { charts, objects }: Declared): Promise<void> {
    await applyObjects(instance, objects.filter(isBuiltIn));
    for (const chart of charts) await helm.install(chart);
    await applyObjects(
        instance,
        objects.filter((object) => !isBuiltIn(object)),
    );
}

async function removeByHand(instance: Instance, helm: Helm, { charts, objects }: Declared): Promise<void> {
    await removeObjects(
        instance,
        objects.filter((object) => !isBuiltIn(object)),
    );
    for (const { namespace, name } of [...charts].reverse()) await helm.uninstall(namespace, name);
    await removeObjects(instance, objects.filter(isBuiltIn));
}

function isBuiltIn({ apiVersion }: { apiVersion: string }): boolean {
    const group = apiVersion.split("/")[0] ?? "";
    return !group.includes(".") || group.endsWith(".k8s.io");
}

const asList = (items: readonly object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

async function applyObjects(instance: Instance, objects: readonly object[]): Promise<void> {
    if (objects.length === 0) return;
    const command = ["apply", "--server-side", "--force-conflicts", "--filename=-"];
    await kubectl(instance, command, asList(objects));
}

async function removeObjects(instance: Instance, objects: readonly object[]): Promise<void> {
    if (objects.length === 0) return;
    await kubectl(instance, ["delete", "--ignore-not-found", "--wait", "--filename=-"], asList(objects));
}

const titles: Record<Step, string> = {
    install: "first install",
    noChange: "run without change",
    destroy: "destroy",
};

async function report(
    { stack, runs }: BenchOptions,
    { charts, objects }: Declared,
    costs: Record<Step, Record<Way, Cost[]>>,
): Promise<void> {
    const targets: Record<Step, number> = { install: 1.2, noChange: Number.POSITIVE_INFINITY, destroy: 1.5 };
    const seconds = (all: readonly Cost[]) => all.map((cost) => cost.seconds);
    const figures = (Object.keys(costs) as Step[]).flatMap((step) => {
        const { ours, helm } = costs[step];
        const ratio = median(seconds(ours)) / median(seconds(helm));
        const against = `${median(seconds(ours)).toFixed(1)} s against ${median(seconds(helm)).toFixed(1)} s: ${ratio.toFixed(2)} times`;
        const requests = `${median(ours.map((c) => c.requests))} against ${median(helm.map((c) => c.requests))}`;
        const worst = Math.max(...seconds(ours));
        const time =
            step === "noChange"
                ? {
                      target: "at most 15 s",
                      measured: `${worst.toFixed(1)} s worst; ${against}`,
                      met: worst <= 15,
                  }
                : {
                      target: `at most ${targets[step]} times Helm`,
                      measured: against,
                      met: ratio <= targets[step],
                  };
        return [
            { figure: `${stack}: ${titles[step]}`, ...time },
            {
                figure: `${stack}: ${titles[step]}, requests to the API server`,
                target: "-",
                measured: requests,
                met: null,
            },
        ];
    });
    const text =
        `Stack ${stack}: ${charts.length} charts and ${objects.length} objects beside them, medians of ${runs} runs, ` +
        "ways alternating. Ours is the whole command, Node.js included; Helm's is `helm upgrade --install --wait` chart " +
        "after chart and kubectl for the objects. Requests are all that the API server counted meanwhile, its " +
        "controllers' included.\n\n";
    const where = environment({ kubernetes: pinnedVersion(".", "k8s.io/kubernetes") });
    const table = figuresMarkdown(
        figures,
        `make bench-charts CHARTS=<directory> STACK=${stack} RUNS=${runs}`,
        where,
    );
    await writeSection(join(checkout, "docs/benchmarks.md"), `charts-${stack}`, text + table);
    console.log(`\n${text}${table}`);
}

function median(values: readonly number[]): number {
    return percentile(values, 0.5);
}
