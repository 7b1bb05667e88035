import { percentile } from "../bench/spread";
import { type Modelled, modelled } from "./model";
import type { Step } from "./steps";
import type { Settings, Subject } from "./subjects";

/** All steps of one signal on one back end with one kind of settings. */
export interface Row {
    readonly title: string;
    readonly backend: string;
    readonly settings: Settings;
    readonly syncSeconds: number;
    readonly steps: readonly Step[];
    readonly goal: number;
    readonly model: Modelled;
}

/** Steps by subject, copies of one subject taken together. */
export function rowsOf(
    measured: readonly { subject: Subject; steps: readonly Step[] }[],
    syncSeconds: number,
): Row[] {
    const rows = new Map<string, Row>();
    for (const { subject, steps } of measured) {
        const { title, backend, settings, goal } = subject;
        const key = `${title}|${backend}|${settings}`;
        const known = rows.get(key);
        rows.set(key, {
            title,
            backend,
            settings,
            syncSeconds,
            goal,
            steps: [...(known?.steps ?? []), ...steps],
            model: known?.model ?? modelled(subject, syncSeconds),
        });
    }
    return [...rows.values()];
}

/** Percentiles of a row; a step in which it never came counts as longer than every other. */
export function percentilesOf(
    row: Row,
    of: "desiredSeconds" | "readySeconds" | "goalSeconds",
): { p50: number; p95: number } {
    const all = row.steps.map((step) => step[of] ?? Number.POSITIVE_INFINITY);
    return { p50: percentile(all, 0.5), p95: percentile(all, 0.95) };
}

/** Steps in which more replicas were desired than the demand asks for. */
export function overshoots({ steps, goal }: Row): number {
    return steps.filter(({ peak }) => peak > goal).length;
}

/** What is to be reached, and whether it is. */
export interface Target {
    readonly what: string;
    readonly wanted: string;
    readonly measured: string;
    readonly met: boolean;
}

const oneToMany = ["queue, 1 to 3", "requests per second, 1 to 4", "proxy queue, 1 to 3"];

/** The figures that this project sets itself, of the rows of both sync periods. */
export function targets(rows: readonly Row[]): Target[] {
    const ours = rows.filter(({ settings }) => settings === "ours");
    const within = (row: Row, seconds: number): Target => {
        const { p95 } = percentilesOf(row, "desiredSeconds");
        return {
            what: `${row.title}, ${row.backend}, HPA every ${row.syncSeconds} s: p95 until more are desired`,
            wanted: `${seconds} s`,
            measured: Number.isFinite(p95) ? `${p95.toFixed(1)} s` : "never",
            met: p95 <= seconds,
        };
    };
    return [
        // Missed by an HPA that looks every 15 s, at zero as well: only KEDA need not wait for it.
        ...ours.filter(({ title }) => title === "queue, 0 to 1").map((row) => within(row, 3)),
        ...ours
            .filter(({ title }) => oneToMany.includes(title))
            .map((row) => within(row, row.syncSeconds === 1 ? 3 : 16)),
        ...ours.flatMap((row) => fasterThanDefaults(row, rows)),
        ...ours.map((row) => ({
            what: `${row.title}, ${row.backend}, HPA every ${row.syncSeconds} s: steps that overshoot`,
            wanted: "0",
            measured: `${overshoots(row)} of ${row.steps.length}`,
            met: overshoots(row) === 0,
        })),
    ];
}

function fasterThanDefaults(row: Row, rows: readonly Row[]): Target[] {
    const other = rows.find(
        ({ title, backend, settings, syncSeconds }) =>
            settings !== "ours" &&
            title === row.title &&
            backend === row.backend &&
            syncSeconds === row.syncSeconds,
    );
    if (other === undefined) return [];
    const times = percentilesOf(other, "desiredSeconds").p50 / percentilesOf(row, "desiredSeconds").p50;
    return [
        {
            what: `${row.title}, ${row.backend}, HPA every ${row.syncSeconds} s: median, times as fast as with the charts' defaults`,
            wanted: "3",
            measured: times.toFixed(1),
            met: times >= 3,
        },
    ];
}
