import { setTimeout as sleep } from "node:timers/promises";
import type { Board, BoardPanel } from "../../../components/monitoring/dashboards/board";
import { type Asked, type Choice, choices, fill } from "./ask";
import type { Excuse, Expectations } from "./subjects";

/** What became of one panel. */
export interface PanelResult {
    readonly board: string;
    readonly panel: string;
    /** `part`: something of it shows nothing, and it is known why; `empty`: nothing of it does, and that is known, too. */
    readonly verdict: "shows" | "part" | "empty" | "failed";
    /** Why it may be empty, or what is wrong. */
    readonly why?: string;
}

/** A query of a panel with one choice at the top of its dashboard. */
interface Sight {
    readonly board: Board;
    readonly panel: BoardPanel;
    readonly legend: string;
    readonly choice: Choice;
    /** What Prometheus is asked. */
    readonly text: string;
}

/**
 * Looks at dashboards again and again, until every query of every panel has shown something once, with every choice that
 * has to: what is under load comes and goes.
 */
export class BoardWatch {
    /** By board, query and choice. */
    private readonly sights = new Map<string, Sight>();
    private readonly shown = new Set<string>();
    /** What Prometheus said of those that it could not answer at the last look. */
    private readonly errors = new Map<string, string>();

    constructor(
        private readonly boards: readonly Board[],
        private readonly asked: Asked,
        private readonly expected: Expectations,
    ) {}

    /** Looks at what has not shown anything yet. */
    async look(): Promise<void> {
        await Promise.all(this.boards.map((board) => this.find(board)));
        const answers = new Map<string, Promise<boolean>>();
        const open = [...this.sights].filter(([key]) => !this.shown.has(key));
        for (const [key, { text }] of open) {
            if (!answers.has(text)) answers.set(text, this.hasValue(text));
            try {
                this.errors.delete(key);
                if (await answers.get(text)) this.shown.add(key);
            } catch (error) {
                this.errors.set(key, (error as Error).message);
            }
        }
    }

    /** Looks every so many seconds, until there is nothing more to wait for or `signal` says that it is enough. */
    async keepLooking(signal: AbortSignal, pauseSeconds: number, say: (line: string) => void = () => {}) {
        while (!signal.aborted) {
            // Prometheus may be busy, or restarted: the next look tells.
            await this.look().catch((error: Error) => say(error.message));
            const failed = this.results().filter(({ verdict }) => verdict === "failed");
            if (failed.length === 0) return;
            say(`${failed.length} panels show nothing yet, such as "${failed[0]?.panel}": ${failed[0]?.why}`);
            await sleep(1000 * pauseSeconds, undefined, { signal }).catch(() => undefined);
        }
    }

    /** What became of every panel, by all looks together. */
    results(): PanelResult[] {
        return this.boards.flatMap((board) =>
            panelsOf(board).map((panel) => ({
                board: board.title,
                panel: panel.title,
                ...this.judge(board, panel),
            })),
        );
    }

    private judge(board: Board, panel: BoardPanel): Pick<PanelResult, "verdict" | "why"> {
        const own = [...this.sights].filter(([, sight]) => sight.board === board && sight.panel === panel);
        const lacking = this.lacking(board, own);
        if (lacking !== undefined) return { verdict: "failed", why: lacking };
        const silent = own.filter(([key]) => !this.shown.has(key));
        const excuses = new Map<string, Set<string>>();
        const faults: string[] = [];
        for (const [key, sight] of silent) {
            const error = this.errors.get(key);
            const excuse = this.expected.excuses.find((one) => covers(one, sight));
            const place = placeOf(sight);
            const where = place && ` in ${place}`;
            if (error !== undefined) faults.push(`${sight.legend}: ${error}`);
            else if (excuse === undefined) faults.push(`nothing for ${sight.legend}${where}`);
            else {
                const places = excuses.get(excuse.because) ?? new Set();
                excuses.set(excuse.because, places.add(place));
            }
        }
        if (faults.length > 0) return { verdict: "failed", why: [...new Set(faults)].join("; ") };
        if (excuses.size === 0) return { verdict: "shows" };
        const why = [...excuses].map(([because, places]) => {
            const where = [...places].filter(Boolean).join(", ");
            return `nothing${where && ` in ${where}`}: ${because}`;
        });
        return { verdict: silent.length < own.length ? "part" : "empty", why: why.join("; ") };
    }

    /** What the board does not offer, and would have to. */
    private lacking({ name }: Board, sights: readonly (readonly [string, Sight])[]): string | undefined {
        if (sights.length === 0) return "its board offers nothing to choose";
        const offered = new Set(sights.map(([, { choice }]) => choice.namespace));
        const missing = (this.expected.loaded[name] ?? []).filter((namespace) => !offered.has(namespace));
        return missing.length > 0 ? `its board does not offer ${missing.join(", ")}` : undefined;
    }

    /** What there is to see on a board now. What was offered once stays: it has to show something. */
    private async find(board: Board): Promise<void> {
        const loaded = this.expected.loaded[board.name];
        for (const choice of await choices(board, this.asked)) {
            if (loaded !== undefined && !loaded.includes(choice.namespace ?? "")) continue;
            for (const panel of panelsOf(board)) {
                for (const { legend, expr } of panel.queries) {
                    const key = JSON.stringify([board.name, panel.title, legend, choice]);
                    if (!this.sights.has(key))
                        this.sights.set(key, { board, panel, legend, choice, text: fill(expr, choice) });
                }
            }
        }
    }

    /** NaN is drawn as nothing. */
    private async hasValue(text: string): Promise<boolean> {
        return (await this.asked.values(text)).some((value) => !Number.isNaN(value));
    }
}

const verdicts = ["shows", "part", "empty", "failed"] as const;

/** Those that Prometheus fills. */
function panelsOf({ rows }: Board): BoardPanel[] {
    return rows.flatMap(({ panels }) => panels).filter(({ kind }) => kind !== "logs");
}

/** The namespace that is chosen; nothing where all are, or none can be. */
function placeOf({ board, choice }: Sight): string {
    const variable = board.variables.find(({ name }) => name === "namespace");
    return variable?.several ? "" : (choice.namespace ?? "");
}

function covers({ board, panel, legends, namespaces }: Excuse, sight: Sight): boolean {
    return (
        board === sight.board.name &&
        panel === sight.panel.title &&
        (legends?.includes(sight.legend) ?? true) &&
        (namespaces?.includes(sight.choice.namespace ?? "") ?? true)
    );
}

/** The table of the page: a line for each board, and one for each panel that does not show all. */
export function dashboardsTable(results: readonly PanelResult[], note: string): string {
    const names = [...new Set(results.map(({ board }) => board))];
    const count = (board: string, wanted: PanelResult["verdict"]) =>
        results.filter((result) => result.board === board && result.verdict === wanted).length;
    const silent = results.filter(({ verdict }) => verdict !== "shows");
    return [
        "| Dashboard | Panels of which every query shows something | Not every one, for a reason | Empty, for a reason | Failed |",
        "| --- | --- | --- | --- | --- |",
        ...names.map((board) => `| ${[board, ...verdicts.map((one) => count(board, one))].join(" | ")} |`),
        "",
        ...silent.map(
            ({ board, panel, verdict, why }) =>
                `- ${board}, "${panel}": ${verdict === "failed" ? "**failed**, " : ""}${why}.`,
        ),
        ...(silent.length > 0 ? [""] : []),
        note,
    ].join("\n");
}
