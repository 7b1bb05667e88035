import type { ChartView } from "../demo/chart";
import type { CourseReading } from "./course";
import type { LoadScenario } from "./load-scenario";

/** Demand beside what the wanted replicas are for, replicas, and latency. */
export function courseView({ demand }: Pick<LoadScenario, "demand">): ChartView<CourseReading> {
    return {
        panels: [
            {
                title: `Demand (${demand.unit})`,
                lines: [
                    {
                        name: "what the wanted replicas are for",
                        color: "yellow",
                        value: ({ desired }) => desired * demand.perReplica,
                    },
                    { name: "asked for", color: "blue", value: (reading) => reading.demand },
                ],
            },
            {
                title: "Replicas",
                lines: [
                    { name: "wanted", color: "yellow", value: ({ desired }) => desired },
                    { name: "Ready", color: "cyan", value: ({ ready }) => ready },
                ],
            },
            {
                title: "Latency (s)",
                lines: [
                    { name: "p95", color: "yellow", value: ({ p95 }) => p95 },
                    { name: "p50", color: "cyan", value: ({ p50 }) => p50 },
                ],
            },
        ],
        status: (reading) => courseStatus(reading, demand.unit),
    };
}

/** The latest reading in one line; `?` where something could not be read, `-` where nobody was answered. */
export function courseStatus(reading: CourseReading | undefined, unit: string): string {
    if (reading === undefined) return "waiting for the first reading";
    const { t, demand, ready, desired, p50, p95 } = reading;
    return [
        `${t.toFixed(1).padStart(6)} s`,
        `${demand === null ? "?" : Number(demand.toPrecision(3))} ${unit}`,
        `Ready ${ready} of ${desired} wanted`,
        p50 === null || p95 === null ? "-" : `p50 ${shownSeconds(p50)}, p95 ${shownSeconds(p95)}`,
    ].join(" | ");
}

/** Three digits of a time, in ms below a second: `0.0123` is `12.3 ms`. */
export function shownSeconds(seconds: number): string {
    return seconds < 1
        ? `${Number((1000 * seconds).toPrecision(3))} ms`
        : `${Number(seconds.toPrecision(3))} s`;
}
