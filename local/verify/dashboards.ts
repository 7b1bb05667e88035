import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { feasibleBoards } from "../../components/dashboards/boards";
import { describeEnvironment, environment } from "../bench/environment";
import { pinnedVersion } from "../build/go";
import { outputs } from "../commands/program";
import { up } from "../commands/up";
import type { Instance } from "../instance";
import { findNode, stopNode } from "../node/node";
import { type Asked, asking } from "./dashboards/ask";
import { dashboardsTable, judgeBoard, type PanelResult } from "./dashboards/judge";
import { BoardLoad } from "./dashboards/load";
import { gpuMetrics, sources } from "./dashboards/subjects";
import { runnerDeployer } from "./deployer";
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
        await deployWorkloads(instance);
        const { ports } = (await findNode(instance)) ?? {};
        const local = (port: number | undefined) => `http://127.0.0.1:${port}`;
        const addresses = { producer: local(ports?.producer), llm: local(ports?.llm) };
        const load = await BoardLoad.start(instance, addresses);
        try {
            console.log(`Under load; the first look is in ${warmUpSeconds} s.`);
            await sleep(warmUpSeconds * 1000);
            const asked = asking(local(ports?.prometheus));
            await report(await judgeUntilAllShow(asked), await asked.rules(), write ?? false);
        } finally {
            await load.stop();
        }
    } finally {
        if (!ranBefore) await stopNode(instance);
    }
}

/** @throws Error where the port of the language model is taken by the dev stack's own, or the objects are refused. */
async function deployWorkloads(instance: Instance): Promise<void> {
    const { llmUrl } = await outputs(instance, false);
    if (llmUrl)
        throw new Error(
            "the dev stack has a language model of its own, on the port of this test's: " +
                "set pulumi-kube-observability:llm.enabled to false in Pulumi.dev.yaml for this command",
        );
    const { failures } = await runnerDeployer("").up({
        stack: "boards",
        main: "local/verify/dashboards/program.ts",
        config: { "pulumi-kube-observability:kubeconfig": instance.kubeconfig },
        kubeconfig: instance.kubeconfig,
        home: join(instance.dir, "pulumi", "boards"),
    });
    if (failures.length > 0) throw new Error(failures.join("\n"));
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
