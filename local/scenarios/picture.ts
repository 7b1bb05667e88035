import type { Milestone } from "../demo/milestones";
import { type Picture, type PictureLine, palette, pictureSpec, stepped, svgOf } from "../demo/picture";
import { backAt, type Course, type CourseReading, settledAt } from "./course";
import type { LoadScenario } from "./load-scenario";

/** Pixels. */
const HEIGHT = 150;

/** A course as a picture: demand, replicas and latency on one time axis. */
export function coursePicture(what: LoadScenario, course: Course, subtitle: string[]): Promise<string> {
    return svgOf(pictureSpec(pictureOf(what, course, subtitle)));
}

/** What is drawn of it. */
export function pictureOf(
    { title, demand, replicas, steady }: LoadScenario,
    { readings, changes, loadEnd, answers }: Course,
    subtitle: string[],
): Picture {
    const end = Math.max(loadEnd, ...readings.map(({ t }) => t), ...changes.map(({ t }) => t));
    const of = (value: (reading: CourseReading) => number | null) =>
        readings.map((reading) => ({ t: reading.t, value: value(reading) }));
    const step = (
        name: string,
        color: string,
        value: (change: { desired: number; ready: number }) => number,
    ) => ({
        name,
        color,
        // To the end of the axis: what changed last is so still.
        points: [...changes, ...changes.slice(-1).map((last) => ({ ...last, t: end }))].map((change) => ({
            t: change.t,
            value: value(change),
        })),
    });
    const dashed = { ...stepped, strokeDash: [6, 3] };
    const limit = (name: string, value: number): PictureLine => ({
        name,
        color: palette.grey,
        points: [0, end].map((t) => ({ t, value })),
        mark: { strokeWidth: 1, strokeDash: [2, 3] },
    });
    return {
        title,
        subtitle,
        timeTitle: "seconds since the start of the load",
        end,
        moments: momentsOf(changes, steady, replicas.min, loadEnd),
        panels: [
            {
                title: demand.unit,
                height: HEIGHT,
                lines: [
                    { name: "demand", color: palette.blue, points: of((one) => one.demand), mark: stepped },
                    {
                        ...step(
                            `target: ${demand.perReplica} for each replica wanted`,
                            palette.orange,
                            ({ desired }) => desired * demand.perReplica,
                        ),
                        mark: dashed,
                    },
                ],
            },
            {
                title: "replicas",
                height: HEIGHT,
                lines: [
                    { ...step("wanted", palette.orange, ({ desired }) => desired), mark: dashed },
                    { ...step("Ready", palette.green, ({ ready }) => ready), mark: stepped },
                    limit(`fewest: ${replicas.min}`, replicas.min),
                    limit(`most: ${replicas.max}`, replicas.max),
                ],
            },
            ...(answers.length === 0
                ? []
                : [
                      {
                          title: "latency over 5 s (s)",
                          height: HEIGHT,
                          lines: [
                              {
                                  name: "p95",
                                  color: palette.vermilion,
                                  points: of((one) => one.p95),
                                  mark: stepped,
                              },
                              {
                                  name: "p50",
                                  color: palette.blue,
                                  points: of((one) => one.p50),
                                  mark: stepped,
                              },
                          ],
                      },
                  ]),
        ],
    };
}

function momentsOf(
    changes: Course["changes"],
    steady: LoadScenario["steady"],
    fewest: number,
    loadEnd: number,
): Milestone[] {
    const moments: [string, number | null][] = [
        ["settled", settledAt(changes, steady, loadEnd)],
        ["load ends", loadEnd],
        [`back at ${fewest}`, backAt(changes, fewest, loadEnd)],
    ];
    return moments
        .flatMap(([name, t]) => (t === null ? [] : [{ t, label: `${name} ${t.toFixed(1)} s` }]))
        .sort((a, b) => a.t - b.t);
}
