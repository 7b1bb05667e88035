import { setTimeout as sleep } from "node:timers/promises";
import type { Ward } from "./ward";

/** A healthy run: what was going on, and what the doctor said. */
export interface Checkup {
    readonly state: string;
    readonly on: string;
    readonly alarm?: string;
    readonly seconds: number;
}

interface State {
    readonly name: string;
    readonly prepare: (ward: Ward) => Promise<void>;
    /** Seconds between what is done and the looks. */
    readonly after: readonly number[];
    readonly on: readonly string[];
}

/** Every autoscaler that is made ill. */
export const patients = ["injury/orders", "injury/jobs", "injury/mail", "injury/web", "queue/consumer"];

/** States in which nothing is wrong, however busy they are. */
const states: readonly State[] = [
    { name: "idle, those that can at zero", prepare: async () => {}, after: [0], on: patients },
    {
        name: "first demand, from zero",
        prepare: (ward) => ward.tell("mail-exporter", "set/20"),
        after: [1, 6, 8],
        on: ["injury/mail"],
    },
    {
        name: "demand grows",
        prepare: (ward) => ward.tell("orders-exporter", "set/35"),
        after: [1, 4, 6, 8],
        on: ["injury/orders", "injury/jobs"],
    },
    {
        name: "under load",
        prepare: (ward) => burn(ward),
        after: [5, 15, 15],
        on: ["injury/web", "injury/orders"],
    },
    {
        name: "at the maximum, with no more wanted",
        prepare: (ward) => ward.tell("orders-exporter", "set/50"),
        after: [20],
        on: ["injury/orders", "injury/jobs"],
    },
    {
        name: "demand falls",
        prepare: async (ward) => {
            await ward.tell("orders-exporter", "set/0");
            await ward.tell("mail-exporter", "set/0");
        },
        after: [1, 8, 12],
        on: ["injury/orders", "injury/jobs", "injury/mail"],
    },
];

async function burn(ward: Ward): Promise<void> {
    await ward.tell("web", "burn/60");
}

/** Lets the doctor look at what is healthy, in every state. */
export async function checkups(ward: Ward, say: (text: string) => void): Promise<Checkup[]> {
    const results: Checkup[] = [];
    for (const { name, prepare, after, on } of states) {
        await prepare(ward);
        for (const pause of after) {
            await sleep(pause * 1000);
            for (const autoscaler of on) results.push(await checkup(ward, name, autoscaler));
        }
        const alarms = results.filter(({ alarm }) => alarm !== undefined);
        say(
            `healthy: ${name}; ${results.length} looks so far, ${alarms.length} false alarms${alarms.length > 0 ? `: ${alarms.map(({ on: where, alarm }) => `${where}: ${alarm}`).join("; ")}` : ""}`,
        );
    }
    return results;
}

async function checkup(ward: Ward, state: string, on: string): Promise<Checkup> {
    const { diagnoses, problem, seconds } = await ward.diagnose(on);
    const [diagnosis] = diagnoses;
    const said = diagnosis?.broken
        ? `${diagnosis.broken.hop}: ${diagnosis.broken.why}`
        : (problem ?? diagnosis?.health ?? "nothing");
    return { state, on, seconds, ...(diagnosis?.health !== "healthy" && { alarm: said }) };
}
