import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { leftAsFound } from "../as-found";
import { describeEnvironment, environment } from "../bench/environment";
import { pinnedVersion } from "../build/go";
import { kubectl } from "../cluster";
import { upOrThrow } from "../commands/up";
import { fileTime } from "../demo/report";
import { checkout, type Instance } from "../instance";
import { findNode } from "../node/node";
import { Drive } from "../scale/drive";
import { deployFaults } from "./faults/deploy";
import type { Fault } from "./faults/fault";
import { Flow } from "./faults/flow";
import { judge } from "./faults/judge";
import { nodeFaults } from "./faults/node-faults";
import { readerFaults } from "./faults/reader-faults";
import { Recorder } from "./faults/record";
import type { Means } from "./faults/rest";
import { sourceFaults } from "./faults/source-faults";
import { Stage } from "./faults/stage";
import { namespace } from "./faults/subjects";
import { controlFailed, faultTable, isRight, type Result } from "./faults/table";
import { tryFault } from "./faults/trial";
import { conclude } from "./verdict";

/** Every fault, in the order of the table. */
export const faults: readonly Fault[] = [...sourceFaults, ...readerFaults, ...nodeFaults];

export interface FaultVerification {
    /** Only faults with one of these words in their name. @default all */
    readonly only?: readonly string[];
    /** Write the table into docs/reliability.md. */
    readonly write?: boolean;
}

/** The whole of `make verify-faults`: autoscalers under load on a live dev stack, and every fault of the table, one at a time. */
export async function verifyFaults(instance: Instance, { only, write }: FaultVerification): Promise<void> {
    if (write && only)
        throw new Error(
            "--only with --write would replace the table by that of a few faults: drop one of them.",
        );
    const work = async () => {
        await deployFaults(instance);
        const chosen = faults.filter(({ name }) => !only || only.some((word) => name.includes(word)));
        await report(await tryAll(instance, chosen), write ?? false);
    };
    await leftAsFound(instance, () => upOrThrow(instance), work);
}

async function tryAll(instance: Instance, chosen: readonly Fault[]): Promise<Result[]> {
    const { ports } = (await findNode(instance)) ?? {};
    const drive = await Drive.start(instance);
    const flow = new Flow(`http://127.0.0.1:${ports?.producer}`);
    const recorder = await Recorder.start(instance.kubeconfig, `http://127.0.0.1:${ports?.alertmanager}`);
    const url = `http://${await clusterAddress(instance, "cpu")}/`;
    const means: Means = {
        stage: new Stage(instance),
        flow,
        recorder,
        drive: (amount) => drive.set({ kind: "rate", subject: "cpu", url, amount }),
        log: (line) => console.log(line),
    };
    const results: Result[] = [];
    try {
        for (const fault of chosen) {
            const result = await tryFault(means, fault).then(
                (trial): Result => ({ fault: fault.name, trial }),
                (error: Error): Result => ({ fault: fault.name, problem: error.message }),
            );
            results.push(result);
            console.log(describe(result));
        }
        return results;
    } finally {
        drive.stop();
        await flow.stop();
        await recorder.stop();
    }
}

function clusterAddress(instance: Instance, service: string): Promise<string> {
    const what = [`--namespace=${namespace}`, "get", "service", service];
    return kubectl(instance, [...what, "--output=jsonpath={.spec.clusterIP}"]);
}

async function report(results: readonly Result[], write: boolean): Promise<void> {
    const where = environment({ kubernetes: pinnedVersion(".", "k8s.io/kubernetes") });
    const reports = join(checkout, "reports");
    await mkdir(reports, { recursive: true });
    const file = join(reports, `verify-faults-${fileTime(where.date)}.json`);
    await writeFile(file, JSON.stringify({ where, results }, null, 2));
    const failed = results.filter((result) => !isRight(result)).length;
    const blunt = controlFailed(results) ? 0 : 1;
    if (blunt) console.log("No control lost a replica: this run could not have seen a wrong scale-down.");
    await conclude({
        table: faultTable(results, `Measured on ${describeEnvironment(where)}.`),
        total: results.length + 1,
        failed: failed + blunt,
        section: write ? "faults" : undefined,
        file: "docs/reliability.md",
    });
}

function describe({ fault, trial, problem }: Result): string {
    if (!trial) return `✘ ${fault}: ${problem}`;
    const { problems, fired, elsewhere, controls } = judge(trial);
    const marks = [
        `lasted ${trial.endedAt.toFixed(0)} s`,
        fired ? `alerts after ${fired.map((second) => second.toFixed(0)).join(" to ")} s` : "no alert wanted",
        ...(elsewhere.length > 0 ? [`other hops: ${elsewhere.join(", ")}`] : []),
        controls.length > 0 ? controls.join(", ") : "the naive held, too",
        `${trial.consumed} of ${trial.published} messages`,
        `followed after ${trial.followsAfter?.toFixed(0)} s, quiet after ${trial.quietAfter?.toFixed(0)} s`,
        ...problems.map((text) => `PROBLEM: ${text}`),
    ];
    return `${problems.length === 0 ? "✔" : "✘"} ${fault}\n    ${marks.join("\n    ")}`;
}
