import type { Board, BoardPanel } from "../../../components/monitoring/dashboards/board";
import { type Asked, type Choice, choices, fill } from "./ask";

/** What became of one panel. */
export interface PanelResult {
    readonly board: string;
    readonly panel: string;
    /** `empty`: it shows nothing, and its board says why that may be. */
    readonly verdict: "shows" | "empty" | "failed";
    /** Why it may be empty, or what is wrong. */
    readonly why?: string;
}

/** Asks for every panel of a board, with every choice: each query has to have a value with one of them. */
export async function judgeBoard(board: Board, asked: Asked): Promise<PanelResult[]> {
    const offered = await choices(board, asked);
    const panels = board.rows.flatMap(({ panels }) => panels).filter(({ kind }) => kind !== "logs");
    return Promise.all(
        panels.map(async (panel) => ({
            board: board.title,
            panel: panel.title,
            ...(offered.length === 0
                ? ({ verdict: "failed", why: "its board offers nothing to choose" } as const)
                : await judgePanel(panel, offered, asked)),
        })),
    );
}

async function judgePanel(
    { queries, emptyBecause }: BoardPanel,
    offered: readonly Choice[],
    asked: Asked,
): Promise<Pick<PanelResult, "verdict" | "why">> {
    const silent: string[] = [];
    for (const { legend, expr } of queries) {
        try {
            if (!(await hasValue(expr, offered, asked))) silent.push(legend);
        } catch (error) {
            return { verdict: "failed", why: `${legend}: ${(error as Error).message}` };
        }
    }
    if (silent.length === 0) return { verdict: "shows" };
    return emptyBecause === undefined
        ? { verdict: "failed", why: `nothing for ${silent.join(", ")}` }
        : { verdict: "empty", why: emptyBecause };
}

/** NaN is drawn as nothing. */
async function hasValue(expr: string, offered: readonly Choice[], asked: Asked): Promise<boolean> {
    for (const text of new Set(offered.map((choice) => fill(expr, choice)))) {
        const values = await asked.values(text);
        if (values.some((value) => !Number.isNaN(value))) return true;
    }
    return false;
}

/** The table of the page: a line for each board, and one for each panel that shows nothing. */
export function dashboardsTable(results: readonly PanelResult[], note: string): string {
    const names = [...new Set(results.map(({ board }) => board))];
    const count = (board: string, wanted: PanelResult["verdict"]) =>
        results.filter((result) => result.board === board && result.verdict === wanted).length;
    const silent = results.filter(({ verdict }) => verdict !== "shows");
    return [
        "| Dashboard | Panels that show something | Empty, as they may be | Failed |",
        "| --- | --- | --- | --- |",
        ...names.map(
            (board) =>
                `| ${board} | ${count(board, "shows")} | ${count(board, "empty")} | ${count(board, "failed")} |`,
        ),
        "",
        ...silent.map(
            ({ board, panel, verdict, why }) =>
                `- ${board}, "${panel}": ${verdict === "failed" ? `**failed**, ${why}` : `empty: ${why}`}.`,
        ),
        ...(silent.length > 0 ? [""] : []),
        note,
    ].join("\n");
}
