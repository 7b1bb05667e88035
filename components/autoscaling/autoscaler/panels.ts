import type { Chain, ChainSignal } from "./chain";
import { stateOf } from "./state";

/** A graph of a dashboard: what a builder of dashboards needs to draw it. */
export interface Panel {
    readonly title: string;
    /** Unit by Grafana's names, or a word of its own. */
    readonly unit: string;
    readonly queries: readonly { readonly legend: string; readonly expr: string }[];
}

/** The graphs of one autoscaler: its replicas between their limits, and each signal beside what it asks for. */
export function autoscalerPanels(chain: Chain): Panel[] {
    const state = stateOf(chain);
    return [
        {
            title: "Replicas",
            unit: "short",
            queries: [
                { legend: "desired", expr: state.desired },
                { legend: "ready", expr: state.ready },
                { legend: "minimum", expr: state.minimum },
                { legend: "maximum", expr: state.maximum },
                ...chain.signals.flatMap((signal) =>
                    signal.series === undefined
                        ? []
                        : [
                              {
                                  legend: `asked for by ${signal.signal}`,
                                  expr: `ceil(${signal.series} / ${signal.target})`,
                              },
                          ],
                ),
            ],
        },
        ...chain.signals.flatMap(demandPanel),
    ];
}

function demandPanel({ signal, unit, series, target }: ChainSignal): Panel[] {
    if (series === undefined) return [];
    return [
        {
            title: `Demand: ${signal}`,
            unit,
            queries: [
                { legend: "demand", expr: series },
                { legend: "target per replica", expr: `vector(${target})` },
            ],
        },
    ];
}
