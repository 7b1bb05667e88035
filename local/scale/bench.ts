import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeEnvironment, environment } from "../bench/environment";
import { writeSection } from "../bench/report";
import { upOrThrow } from "../commands/up";
import { fileTime } from "../demo/report";
import { checkout, type Instance } from "../instance";
import { findNode, stopNode } from "../node/node";
import { tidied } from "../tidied";
import { runnerDeployer } from "../verify/deployer";
import { benchDeployment } from "./deployment";
import { Drive } from "./drive";
import { type Row, rowsOf, targets } from "./figures";
import { Observer } from "./observe";
import { scalePlot } from "./plot";
import { reportMarkdown } from "./report";
import { type Bench, stepsOf } from "./steps";
import {
    allSubjects,
    metricsServerSeconds,
    namespaceOf,
    pollingSeconds,
    type Subject,
    scrapeSeconds,
} from "./subjects";
import { addressesOf, recordedDemand } from "./surroundings";

export interface BenchScaleOptions {
    /** Steps of each signal on each back end. */
    readonly steps: number;
    /** How many subjects with the charts' defaults share these steps, since each takes minutes. */
    readonly copies: number;
    /** Seconds between two looks of the HPA: a cluster for each. */
    readonly periods: readonly number[];
    /** Names of subjects. @default all */
    readonly only?: readonly string[];
    /** Whether to write docs/benchmarks.md and its picture. */
    readonly write?: boolean;
}

/** Steps in demand, on a cluster of its own for each sync period of the HPA, beside the charts' default settings. */
export async function benchScale(instance: Instance, options: BenchScaleOptions): Promise<void> {
    const rows: Row[] = [];
    for (const period of options.periods) {
        const work = () => onCluster(instance, period, options);
        rows.push(...(await tidied(work, () => stopNode(instance))));
        // After each, so that a later one that fails does not take it along.
        await report(rows, options);
    }
    const missed = targets(rows).filter(({ met }) => !met);
    for (const { what, wanted, measured } of missed)
        console.log(`not reached: ${what}: wanted ${wanted}, measured ${measured}`);
    process.exitCode = missed.length > 0 ? 1 : 0;
}

async function onCluster(instance: Instance, period: number, options: BenchScaleOptions): Promise<Row[]> {
    await stopNode(instance);
    await upOrThrow(instance, { settings: { hpaSyncPeriod: `${period}s` } });
    const subjects = chosen(period, options);
    await deploy(instance, subjects, options.copies);
    const measured = await measure(instance, subjects, period, options);
    return rowsOf(measured, period);
}

/** With the charts' defaults only where the HPA, too, is as it is unless told otherwise. */
function chosen(period: number, { copies, only }: BenchScaleOptions): Subject[] {
    return allSubjects(copies)
        .filter(({ settings }) => settings === "ours" || period === 15)
        .filter(({ name }) => only === undefined || only.includes(name));
}

async function deploy(instance: Instance, subjects: readonly Subject[], copies: number): Promise<void> {
    const outcome = await runnerDeployer("").up(benchDeployment(instance, subjects, copies));
    if (outcome.failures.length > 0) throw new Error(outcome.failures.join("\n"));
}

async function measure(
    instance: Instance,
    subjects: readonly Subject[],
    period: number,
    { steps }: BenchScaleOptions,
): Promise<{ subject: Subject; steps: Awaited<ReturnType<typeof stepsOf>> }[]> {
    const record = await findNode(instance);
    const settings = [...new Set(subjects.map((subject) => subject.settings))];
    const observer = new Observer(instance.kubeconfig);
    for (const one of settings) await observer.follow(namespaceOf[one]);
    const { order } = await addressesOf(instance, settings);
    const drive = await Drive.start(instance);
    const prometheusUrl = `http://127.0.0.1:${record?.ports.prometheus}`;
    const bench: Bench = {
        set: (demand) => drive.set(demand),
        replicas: (app) => observer.replicas(app),
        until: (app, so, timeoutMs) => observer.until(app, so, timeoutMs),
        demand: (subject) => recordedDemand(prometheusUrl, subject),
        order,
        syncSeconds: period,
        restMs: 8000,
        log: (line) => console.log(line),
    };
    try {
        const course = async (subject: Subject) => {
            const share = Math.ceil(steps / copiesOf(subject, subjects));
            return { subject, steps: await stepsOf(bench, subject, share, phaseSeconds(subject, period)) };
        };
        return (await Promise.all(lanes(subjects, period).map((lane) => inTurn(lane, course)))).flat();
    } finally {
        drive.stop();
        await observer.stop();
    }
}

/**
 * Subjects that are stepped at the same time, each with those that follow it. An HPA that looks each second makes a step
 * take a few seconds: more than a few at once, and the machine is busy with starting pods, which is not what is measured.
 * On cpu a step takes a minute in any case.
 */
export function lanes(subjects: readonly Subject[], period: number): Subject[][] {
    const slow = subjects.filter(({ workload }) => workload.cpu);
    const quick = subjects.filter(({ workload }) => !workload.cpu);
    const width = Math.min(quick.length, 4 * period);
    const groups = Array.from({ length: width }, (_, lane) => quick.filter((_, i) => i % width === lane));
    return [...slow.map((subject) => [subject]), ...groups];
}

async function inTurn<In, Out>(lane: readonly In[], act: (one: In) => Promise<Out>): Promise<Out[]> {
    const results: Out[] = [];
    for (const one of lane) results.push(await act(one));
    return results;
}

function copiesOf({ title, backend, settings }: Subject, subjects: readonly Subject[]): number {
    return subjects.filter(
        (other) => other.title === title && other.backend === backend && other.settings === settings,
    ).length;
}

/** The longest of a subject's periods: a pause drawn from it makes every phase as likely. */
function phaseSeconds({ settings, workload }: Subject, syncSeconds: number): number {
    const metricsServer = workload.cpu ? metricsServerSeconds : 0;
    return Math.max(scrapeSeconds[settings], pollingSeconds[settings], syncSeconds, metricsServer);
}

async function report(rows: readonly Row[], { write }: BenchScaleOptions): Promise<void> {
    const where = environment({});
    const reports = join(checkout, "reports");
    await mkdir(reports, { recursive: true });
    await writeFile(
        join(reports, `bench-scale-${fileTime(where.date)}.json`),
        JSON.stringify({ where, rows }, null, 2),
    );
    const table = `${reportMarkdown(rows)}\n\nReproduce with \`make bench-scale\`. Measured on ${describeEnvironment(where)}.`;
    console.log(`\n${table}\n`);
    const svg = await scalePlot(rows, describeEnvironment(where));
    await writeFile(join(reports, "bench-scale.svg"), svg);
    if (!write) return;
    await writeFile(join(checkout, "docs", "bench-scale.svg"), svg);
    const picture = "![From a step in demand to more replicas desired](bench-scale.svg)";
    await writeSection(join(checkout, "docs", "benchmarks.md"), "scale", `${picture}\n\n${table}`);
}
