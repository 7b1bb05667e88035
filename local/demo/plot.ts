import type { TopLevelSpec } from "vega-lite";
import { milestones } from "./milestones";
import { type PictureLine, palette, pictureSpec, stepped, svgOf } from "./picture";
import type { QueueRun } from "./queue-result";

export { svgOf } from "./picture";

/** Pixels. */
const QUEUE_HEIGHT = 230;
const REPLICAS_HEIGHT = 150;

/** A run as a picture: queue length above, replicas below, one time axis, the milestones across both. */
export function plotSvg(run: QueueRun, subtitle: string[]): Promise<string> {
    return svgOf(plotSpec(run, subtitle));
}

/** The picture as a Vega-Lite specification, with its data in it. */
export function plotSpec(run: QueueRun, subtitle: string[]): TopLevelSpec {
    const { samples, recorded, requested, backToZeroSeconds } = run;
    const end = Math.max(1, samples.at(-1)?.t ?? 0, backToZeroSeconds ?? 0);
    const of = (key: "queued" | "desired" | "ready") => samples.map((one) => ({ t: one.t, value: one[key] }));
    const byPrometheus = (recorded?.points ?? []).filter(({ t }) => t <= end);
    const queue: PictureLine[] = [
        { name: "read from redis", color: palette.blue, points: of("queued"), mark: stepped },
        ...(byPrometheus.length === 0
            ? []
            : [
                  {
                      name: "recorded by Prometheus",
                      color: palette.orange,
                      points: byPrometheus.map(({ t, queued }) => ({ t, value: queued })),
                      mark: { strokeWidth: 1, point: { size: 24 } },
                  },
              ]),
    ];
    const replicas: PictureLine[] = [
        {
            name: "wanted",
            color: palette.orange,
            points: of("desired"),
            mark: { ...stepped, strokeDash: [6, 3] },
        },
        {
            name: "Ready",
            color: palette.green,
            points: of("ready"),
            mark: { ...stepped, strokeWidth: 2.5 },
        },
    ];
    return pictureSpec({
        title: `A burst of ${requested} messages through the redis queue`,
        subtitle,
        timeTitle: "seconds since the burst was sent",
        end,
        panels: [
            { title: "queue length (messages)", height: QUEUE_HEIGHT, lines: queue },
            { title: "consumer replicas", height: REPLICAS_HEIGHT, lines: replicas },
        ],
        moments: milestones(run),
    });
}
