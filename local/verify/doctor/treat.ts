import type { Hop } from "../../../components/autoscaling/autoscaler/chain";
import type { Injury } from "./injury";
import type { Ward } from "./ward";

/** An injury, and what the doctor said of it. */
export interface Treated {
    readonly injury: string;
    readonly on: string;
    readonly truth: Hop;
    /** The hop that the doctor named; what it said instead where it named none. */
    readonly named: string;
    readonly why: string;
    /** Seconds that the diagnosis took. */
    readonly seconds: number;
    /** Whether the fault showed within the time that it was given. */
    readonly showed: boolean;
    /** Seconds after the fault was undone until the doctor found everything in order; undefined: it did not. */
    readonly healedAfter?: number;
}

/** Seconds that a fault is given to show, and to be over once it is undone: Prometheus reads Secrets by the minute. */
const patience = 180;

/** Does an injury, lets the doctor name it, undoes it, and waits until the doctor finds all in order again. */
export async function treat(ward: Ward, injury: Injury): Promise<Treated> {
    const { name, on, hop } = injury;
    const nothing = { injury: name, on, truth: hop, seconds: 0, showed: false };
    let treated: Treated;
    try {
        await injury.injure(ward);
        const showed = injury.shows
            ? await ward.until(patience, async () => ((await injury.shows?.(ward)) ? true : undefined))
            : true;
        const { diagnoses, seconds, problem, without } = await ward.diagnose(on);
        const [diagnosis] = diagnoses;
        treated = {
            injury: name,
            on,
            truth: hop,
            named: diagnosis?.broken?.hop ?? diagnosis?.health ?? without ?? problem ?? "nothing",
            why: diagnosis?.broken?.why ?? "",
            seconds,
            showed: showed === true,
        };
    } catch (error) {
        treated = { ...nothing, named: "the injury failed", why: (error as Error).message };
    }
    await ward.restore();
    await injury.heal?.(ward);
    const undone = Date.now();
    const healed = await ward.until(patience, async () =>
        (await isOver(ward, injury)) ? Date.now() : undefined,
    );
    return { ...treated, ...(healed !== undefined && { healedAfter: (healed - undone) / 1000 }) };
}

/** Whether a fault no longer shows, and the doctor finds all in order. */
async function isOver(ward: Ward, { on, shows }: Injury): Promise<boolean> {
    return !(await shows?.(ward)) && isHealthy(ward, on);
}

/** Whether the doctor finds an autoscaler in order. */
export async function isHealthy(ward: Ward, autoscaler: string): Promise<boolean> {
    const { diagnoses } = await ward.diagnose(autoscaler);
    return diagnoses[0]?.health === "healthy";
}
