import type { Percentiles, PhaseFigures } from "./figures";

const head = [
    "load",
    "requests",
    "answered per s",
    "latency p50 / p95 / p99 s",
    "wait p50 / p95 / p99 s",
    "failed",
    "sent late",
] as const;

/** The figures as a table: its head, and a row for each phase. */
export function campaignTable(figures: readonly PhaseFigures[]): { head: string[]; rows: string[][] } {
    const three = (seconds: Percentiles | undefined) =>
        seconds === undefined
            ? "not told"
            : [seconds.p50, seconds.p95, seconds.p99].map((one) => one.toFixed(2)).join(" / ");
    const rows = figures.map(({ name, requests, rate, latency, wait, failed, late }) => [
        name,
        `${requests}`,
        rate.toFixed(2),
        three(latency),
        three(wait),
        `${failed}`,
        `${late}`,
    ]);
    return { head: [...head], rows };
}

/** The same as Markdown. */
export function campaignMarkdown(figures: readonly PhaseFigures[]): string {
    const { head, rows } = campaignTable(figures);
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
