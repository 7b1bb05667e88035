import type { ChartView } from "../demo/chart";
import { type Picture, palette, stepped } from "../demo/picture";
import type { LogsReading, LogsRun } from "./logs-follow";
import { shownSeconds } from "./view";

/** Lines written beside lines found, and how far apart they are. */
export const logsView: ChartView<LogsReading> = {
    panels: [
        {
            title: "Lines",
            lines: [
                { name: "written", color: "yellow", value: ({ written }) => written },
                { name: "found", color: "blue", value: ({ found }) => found },
            ],
        },
        {
            title: "Until they are found (s)",
            lines: [
                { name: "p95", color: "yellow", value: ({ p95 }) => p95 },
                { name: "p50", color: "cyan", value: ({ p50 }) => p50 },
            ],
        },
    ],
    status: (reading) =>
        reading === undefined
            ? "waiting for the first reading"
            : [
                  `${reading.t.toFixed(1).padStart(6)} s`,
                  `${reading.written ?? "?"} lines written, ${reading.found} found`,
                  reading.p50 === null || reading.p95 === null
                      ? "-"
                      : `p50 ${shownSeconds(reading.p50)}, p95 ${shownSeconds(reading.p95)}`,
              ].join(" | "),
};

/** The same for the report. */
export function logsPicture(title: string, { readings }: LogsRun, subtitle: string[]): Picture {
    const of = (value: (reading: LogsReading) => number | null) =>
        readings.map((reading) => ({ t: reading.t, value: value(reading) }));
    return {
        title,
        subtitle,
        timeTitle: "seconds since the Job was made",
        end: Math.max(1, readings.at(-1)?.t ?? 0),
        moments: [],
        panels: [
            {
                title: "lines",
                height: 200,
                lines: [
                    {
                        name: "written",
                        color: palette.orange,
                        points: of((one) => one.written),
                        mark: stepped,
                    },
                    { name: "found", color: palette.blue, points: of((one) => one.found), mark: stepped },
                ],
            },
            {
                title: "until they are found, over 5 s (s)",
                height: 150,
                lines: [
                    { name: "p95", color: palette.vermilion, points: of((one) => one.p95), mark: stepped },
                    { name: "p50", color: palette.blue, points: of((one) => one.p50), mark: stepped },
                ],
            },
        ],
    };
}
