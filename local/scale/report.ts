import { overshoots, percentilesOf, type Row, targets } from "./figures";

/** The rows, and what was to be reached, as Markdown. */
export function reportMarkdown(rows: readonly Row[]): string {
    const seconds = (value: number) => (Number.isFinite(value) ? value.toFixed(1) : "never");
    const lines = rows.map((row) => {
        const desired = percentilesOf(row, "desiredSeconds");
        const ready = percentilesOf(row, "readySeconds");
        const goal = percentilesOf(row, "goalSeconds");
        const cells = [
            row.title,
            row.backend,
            row.settings === "ours" ? "tuned" : row.settings,
            `${row.syncSeconds} s`,
            row.steps.length,
            `${seconds(desired.p50)} / ${seconds(desired.p95)}`,
            `${seconds(row.model.p50)} / ${seconds(row.model.p95)}`,
            `${seconds(ready.p50)} / ${seconds(ready.p95)}`,
            `${seconds(goal.p50)} / ${seconds(goal.p95)}`,
            overshoots(row),
        ];
        return `| ${cells.join(" | ")} |`;
    });
    const goals = targets(rows).map(
        ({ what, wanted, measured, met }) =>
            `| ${what} | ${wanted} | ${measured} | ${met ? "yes" : "**no**"} |`,
    );
    return [
        "| step | back end | settings | HPA looks every | steps | desired changes, p50 / p95 s | model, p50 / p95 s | first new pod Ready, p50 / p95 s | all desired, p50 / p95 s | overshoots |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ...lines,
        "",
        "| to reach | wanted | measured | met |",
        "| --- | --- | --- | --- |",
        ...goals,
    ].join("\n");
}
