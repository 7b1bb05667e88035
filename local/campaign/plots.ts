import type { TopLevelSpec } from "vega-lite";
import type { Window } from "./figures";
import type { Phase } from "./phases";
import type { Recorded, Series } from "./series";

/** From Okabe and Ito's palette, made to stay apart for every kind of colour blindness. */
const colors = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#777777", "#000000"];

interface Panel {
    readonly title: string;
    readonly series: readonly Series[];
    /** Whether its values are numbers of something. */
    readonly whole?: boolean;
}

/** What is drawn, from top to bottom. @param waits - whether waits are known; else it is latency */
export function panelsOf(windows: readonly Window[], recorded: Recorded, waits: boolean): Panel[] {
    const line = (name: string, value: (window: Window) => number | undefined): Series => ({
        name,
        points: windows.map((window) => ({ t: window.t, value: value(window) ?? null })),
    });
    const all = [
        {
            title: "requests per second",
            series: [line("sent", ({ sent }) => sent), line("answered", ({ answered }) => answered)],
        },
        {
            title: waits ? "wait (s)" : "latency (s)",
            series: [line("median", ({ p50 }) => p50), line("95th percentile", ({ p95 }) => p95)],
        },
        { title: "queue and connections", series: [...recorded.queue, ...recorded.frontend], whole: true },
        { title: "sessions per pod", series: recorded.sessions, whole: true },
        { title: "replicas", series: recorded.replicas, whole: true },
    ];
    return all.filter(({ series }) =>
        series.some(({ points }) => points.some((point) => point.value !== null)),
    );
}

/** All panels on one time axis, with a line at the start of each phase, as a Vega-Lite specification with its data in it. */
export function campaignSpec(
    panels: readonly Panel[],
    phases: readonly (Pick<Phase, "name"> & { readonly from: number })[],
    subtitle: readonly string[],
): TopLevelSpec {
    const end = Math.max(
        1,
        ...panels.flatMap(({ series }) => series.map(({ points }) => points.at(-1)?.t ?? 0)),
    );
    return {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json",
        title: { text: "Campaign", subtitle: [...subtitle], anchor: "start", offset: 26 },
        vconcat: panels.map((panel, index) => panelSpec(panel, phases, end, index, panels.length)),
        spacing: 14,
        resolve: { scale: { color: "independent" } },
        background: "white",
        padding: 16,
        config: { axisY: { minExtent: 40 }, legend: { labelLimit: 0, title: null, symbolType: "stroke" } },
    } as TopLevelSpec;
}

function panelSpec(
    { title, series, whole }: Panel,
    phases: readonly { readonly name: string; readonly from: number }[],
    end: number,
    index: number,
    count: number,
) {
    const last = index === count - 1;
    const names = series.map(({ name }) => name);
    const values = series.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
    return {
        width: 780,
        height: 120,
        encoding: {
            x: {
                field: "t",
                type: "quantitative",
                scale: { domain: [0, end], nice: false },
                axis: last
                    ? { title: "seconds since the start" }
                    : { title: null, labels: false, ticks: false },
            },
        },
        layer: [
            ruleSpec(phases),
            ...(index === 0 ? [labelSpec(phases)] : []),
            {
                data: { values },
                mark: { type: "line", strokeWidth: 1.5, interpolate: "step-after" },
                encoding: {
                    y: {
                        field: "value",
                        type: "quantitative",
                        axis: { title, tickCount: 4, ...(whole && { tickMinStep: 1 }) },
                    },
                    color: {
                        field: "name",
                        type: "nominal",
                        sort: names,
                        scale: { domain: names, range: colors.slice(0, Math.max(1, names.length)) },
                    },
                },
            },
        ],
    };
}

function ruleSpec(phases: readonly { readonly from: number }[]) {
    return {
        data: { values: phases.map(({ from }) => ({ t: from })) },
        mark: { type: "rule", color: "#777777", strokeDash: [3, 3] },
    };
}

function labelSpec(phases: readonly { readonly name: string; readonly from: number }[]) {
    return {
        data: { values: phases.map(({ name, from }) => ({ t: from, name })) },
        mark: { type: "text", align: "left", baseline: "bottom", dx: 3, fontSize: 11 },
        encoding: { y: { value: -4 }, text: { field: "name" } },
    };
}
