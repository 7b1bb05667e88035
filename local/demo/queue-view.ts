import type { ChartView } from "./chart";
import type { Sample } from "./queue-result";

/** Queue length above, replicas below. */
export const queueView: ChartView<Sample> = {
    panels: [
        {
            title: "Queue length (messages)",
            lines: [{ color: "blue", value: ({ queued }) => queued }],
            share: 3,
        },
        {
            title: "Replicas",
            lines: [
                { name: "wanted", color: "yellow", value: ({ desired }) => desired },
                { name: "Ready", color: "cyan", value: ({ ready }) => ready },
            ],
            share: 2,
        },
    ],
    status: statusLine,
};

/** The latest reading in one line; `?` where something could not be read. */
export function statusLine(sample: Sample | undefined): string {
    if (sample === undefined) {
        return "waiting for the first reading";
    }
    const show = (value: number | null, width: number) => String(value ?? "?").padStart(width);
    return [
        `${sample.t.toFixed(1).padStart(6)} s`,
        `queue ${show(sample.queued, 5)}`,
        `replicas Ready ${show(sample.ready, 2)} of ${show(sample.desired, 2)} wanted`,
        `done ${show(sample.processed, 5)}`,
    ].join(" | ");
}
