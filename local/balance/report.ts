import { describeEnvironment, type Environment } from "../bench/environment";
import type { Figure } from "../bench/figures";
import type { Row, Wait } from "./figures";
import type { Trace } from "./trace";

/** The rows, and what was to be reached, as Markdown. */
export function balanceMarkdown(
    rows: readonly Row[],
    figures: readonly Figure[],
    { seed, jobs, exactMean }: Trace,
    where: Environment,
): string {
    const pair = ({ mean, p99 }: Wait) => `${mean.toFixed(2)} / ${p99.toFixed(1)}`;
    const line = ({ title, measured, simulated, theory, failed, late, lateP99 }: Row) => {
        const generator = `${late}, p99 ${(1000 * lateP99).toFixed(1)} ms`;
        return `| ${[title, pair(measured), pair(simulated), pair(theory), failed, generator].join(" | ")} |`;
    };
    return [
        `${jobs.length} requests to each policy. Waits in mean times of service S, mean / 99th percentile.`,
        "",
        "| policy | measured | this trace, simulated | without end | failed | sent late |",
        "| --- | --- | --- | --- | --- | --- |",
        ...rows.map(line),
        "",
        "| figure | target | measured | met |",
        "| --- | --- | --- | --- |",
        ...figures.map(
            ({ figure, target, measured, met }) =>
                `| ${figure} | ${target} | ${measured} | ${met ? "yes" : "**no**"} |`,
        ),
        "",
        `Trace ${seed}, whose exact mean in a single queue is ${exactMean.toFixed(3)} S. Reproduce with \`make bench-balance REQUESTS=${jobs.length}\`. Measured on ${describeEnvironment(where)}.`,
    ].join("\n");
}
