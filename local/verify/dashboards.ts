import { setTimeout as sleep } from "node:timers/promises";
import { feasibleBoards } from "../../components/monitoring/dashboards/boards";
import { describeEnvironment, environment } from "../bench/environment";
import { pinnedVersion } from "../build/go";
import { outputs } from "../commands/program";
import { up } from "../commands/up";
import type { Instance } from "../instance";
import { findNode, stopNode } from "../node/node";
import { type Asked, asking } from "./dashboards/ask";
import { dashboardsTable, judgeBoard, type PanelResult } from "./dashboards/judge";
import { type Addresses, BoardLoad } from "./dashboards/load";
import { gpuMetrics, sources } from "./dashboards/subjects";
import { conclude } from "./verdict";

export interface DashboardVerification {
    /** Write the table into docs/components/dashboards.md. */
    readonly write?: boolean;
}

/** Under load for at least so long: rates over a minute have two scrapes of everything, and replicas have come. */
const warmUpSeconds = 120;

/** Panels that show nothing by then are given so much more time. */
const patienceSeconds = 240;

/** The whole of `make verify-dashboards`: every panel of every dashboard is asked for, on a live dev stack under load. */
export async function verifyDashboards(instance: Instance, { write }: DashboardVerification): Promise<void> {
    const ranBefore = (await findNode(instance)) !== undefined;
    await up(instance, { runner: true });
    if (process.exitCode) throw new Error("the dev stack did not come up");
    try {
        const stack = await outputs(instance, false);
        const load = BoardLoad.start(addressesOf(stack));
        try {
            console.log(`Under load; the first look is in ${warmUpSeconds} s.`);
            await sleep(warmUpSeconds * 1000);
            const asked = asking(`${stack.prometheusUrl}`);
            await report(await judgeUntilAllShow(asked), await asked.rules(), write ?? false);
        } finally {
            await load.stop();
        }
    } finally {
        if (!ranBefore) await stopNode(instance);
    }
}

/**
 * The addresses among the outputs of the dev stack.
 *
 * @throws Error that names what is switched off: its dashboard would be empty.
 */
export function addressesOf(stack: Readonly<Record<string, unknown>>): Addresses {
    const { producerUrl, llmUrl, gpuUrl } = stack;
    const missing = Object.entries({ producerUrl, llmUrl, gpuUrl }).filter(
        ([, url]) => typeof url !== "string",
    );
    if (missing.length > 0)
        throw new Error(
            `the dev stack has no ${missing.map(([name]) => name).join(", ")}, so that there is nothing to put under load: ` +
                "switch on what Pulumi.dev.yaml switches off (llm, gpus, gpuServer) for this command",
        );
    return { producerUrl, llmUrl, gpuUrl } as Addresses;
}

/** Looks until nothing fails, or patience is over: a panel is not wrong because a pod came late. */
async function judgeUntilAllShow(asked: Asked): Promise<PanelResult[]> {
    const boards = feasibleBoards({ sources, gpuMetrics });
    const deadline = Date.now() + patienceSeconds * 1000;
    for (;;) {
        const results = (await Promise.all(boards.map((board) => judgeBoard(board, asked)))).flat();
        const failed = results.filter(({ verdict }) => verdict === "failed");
        if (failed.length === 0 || Date.now() > deadline) return results;
        console.log(
            `${failed.length} of ${results.length} panels show nothing yet, such as "${failed[0]?.panel}"`,
        );
        await sleep(10_000);
    }
}

async function report(
    results: readonly PanelResult[],
    rules: Awaited<ReturnType<Asked["rules"]>>,
    write: boolean,
): Promise<void> {
    const where = environment({ kubernetes: pinnedVersion(".", "k8s.io/kubernetes") });
    for (const rule of rules.broken) console.log(`✘ rule ${rule}`);
    const note = `All ${rules.total} rules were evaluated${rules.broken.length > 0 ? `, ${rules.broken.length} failed` : ""}. Measured on ${describeEnvironment(where)}.`;
    await conclude({
        table: dashboardsTable(results, note),
        total: results.length + rules.total,
        failed: results.filter(({ verdict }) => verdict === "failed").length + rules.broken.length,
        section: write ? "boards" : undefined,
        file: "docs/components/dashboards.md",
    });
}
