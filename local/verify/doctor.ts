import { leftAsFound } from "../as-found";
import { pinnedVersion } from "../build/go";
import { upOrThrow } from "../commands/up";
import type { Instance } from "../instance";
import { findNode } from "../node/node";
import { Api } from "../runner/api";
import { readKubeConfig } from "../runner/kubeconfig";
import { tidied } from "../tidied";
import { checkups, patients } from "./doctor/health";
import { injuries } from "./doctor/injuries";
import { injuryTable, isRight } from "./doctor/table";
import { isHealthy, type Treated, treat } from "./doctor/treat";
import { Ward } from "./doctor/ward";
import { conclude } from "./verdict";

export interface DoctorVerification {
    /** Only injuries at these hops, or whose name contains one of these words. @default all */
    readonly only?: readonly string[];
    /** Write the table into docs/doctor.md. */
    readonly write?: boolean;
}

/** Seconds in which what is made ill must be well before. */
const settling = 240;

/** The whole of `make verify-doctor`: the doctor on a live dev stack, made ill in every way of the table, one at a time. */
export async function verifyDoctor(instance: Instance, options: DoctorVerification): Promise<void> {
    if (options.write && options.only)
        throw new Error(
            "--only with --write would replace the table of all injuries by that of a few: drop one of them.",
        );
    // One that runs is looked at as it is.
    const start = async () => (await findNode(instance)) ?? (await upOrThrow(instance));
    await leftAsFound(instance, start, () => treatAll(instance, options));
}

async function treatAll(instance: Instance, { only, write }: DoctorVerification): Promise<void> {
    const api = new Api(await readKubeConfig(instance.kubeconfig));
    const work = async () => {
        const ward = await Ward.open(instance, api);
        await allWell(ward);
        const looked = only ? [] : await checkups(ward, console.log);
        const treated: Treated[] = [];
        for (const injury of injuries.filter(
            ({ hop, name }) => !only || only.some((word) => word === hop || name.includes(word)),
        )) {
            const one = await treat(ward, injury);
            treated.push(one);
            console.log(describe(one));
        }
        await ward.close();
        const where = `Kubernetes ${pinnedVersion(".", "k8s.io/kubernetes")}, embedded dev stack, ${new Date().toISOString().slice(0, 10)}.`;
        const wrong =
            treated.filter((one) => !isRight(one)).length +
            looked.filter(({ alarm }) => alarm !== undefined).length;
        await conclude({
            table: injuryTable(treated, looked, where),
            total: treated.length + looked.length,
            failed: wrong,
            section: write ? "injuries" : undefined,
            file: "docs/doctor.md",
        });
    };
    await tidied(work, async () => api.close());
}

async function allWell(ward: Ward): Promise<void> {
    for (const autoscaler of patients) {
        const well = await ward.until(settling, async () =>
            (await isHealthy(ward, autoscaler)) ? true : undefined,
        );
        if (!well) {
            const { diagnoses, problem } = await ward.diagnose(autoscaler);
            const said = diagnoses[0]?.broken;
            throw new Error(
                `${autoscaler} is not healthy before anything was done to it: ${said ? `${said.hop}: ${said.why}` : problem}`,
            );
        }
    }
}

function describe(one: Treated): string {
    const { injury, truth, named, why, seconds, showed, healedAfter } = one;
    const marks = [
        ...(showed ? [] : ["did not show"]),
        ...(healedAfter === undefined ? ["NOT HEALED"] : [`healed after ${healedAfter.toFixed(0)} s`]),
    ];
    return `${isRight(one) ? "✔" : "✘"} ${truth}: ${injury} → ${named} (${seconds.toFixed(1)} s; ${marks.join("; ")})\n    ${why}`;
}
