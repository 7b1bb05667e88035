import { feasibleBoards } from "../../components/monitoring/dashboards/boards";
import { leftAsFound } from "../as-found";
import { describeEnvironment, environment } from "../bench/environment";
import { pinnedVersion } from "../build/go";
import { outputs } from "../commands/program";
import { upOrThrow } from "../commands/up";
import type { Instance } from "../instance";
import { tidied } from "../tidied";
import { type Asked, asking } from "./dashboards/ask";
import { BoardWatch, dashboardsTable, type PanelResult } from "./dashboards/judge";
import { type Addresses, BoardLoad } from "./dashboards/load";
import { gpuMetrics, onDev, sources } from "./dashboards/subjects";
import { conclude } from "./verdict";

export interface DashboardVerification {
    /** Write the table into docs/components/dashboards.md. */
    readonly write?: boolean;
}

/** Panels get so much time under load: rates over a minute have two scrapes of everything by then, and replicas have come. */
const patienceSeconds = 360;

/** The whole of `make verify-dashboards`: every panel of every dashboard is asked for, on a live dev stack under load. */
export async function verifyDashboards(instance: Instance, { write }: DashboardVerification): Promise<void> {
    const work = async () => {
        const stack = await outputs(instance, false);
        const load = BoardLoad.start(addressesOf(stack));
        const look = async () => {
            const asked = asking(`${stack.prometheusUrl}`);
            const watch = boardWatch(asked);
            await watch.keepLooking(AbortSignal.timeout(1000 * patienceSeconds), 10, console.log);
            await report(watch.results(), await asked.rules(), write ?? false);
        };
        await tidied(look, () => load.stop());
    };
    await leftAsFound(instance, () => upOrThrow(instance), work);
}

/**
 * The addresses among the outputs of the dev stack.
 *
 * @throws Error that names what is switched off: its dashboard would be empty.
 */
export function addressesOf(stack: Readonly<Record<string, unknown>>): Addresses {
    const { producerUrl, podinfoUrl, hashUrl, llmUrl, gpuUrl } = stack;
    const addresses = { producerUrl, podinfoUrl, hashUrl, llmUrl, gpuUrl };
    const missing = Object.entries(addresses).filter(([, url]) => typeof url !== "string");
    if (missing.length > 0)
        throw new Error(
            `the dev stack has no ${missing.map(([name]) => name).join(", ")}, so that there is nothing to put under load: ` +
                "switch on what Pulumi.dev.yaml switches off (podinfo, hash, llm, gpus, gpuServer) for this command",
        );
    return addresses as Addresses;
}

/** Looks at all dashboards of the dev stack, of which everything is put under load. */
export function boardWatch(asked: Asked): BoardWatch {
    return new BoardWatch(feasibleBoards({ sources, gpuMetrics }), asked, onDev);
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
