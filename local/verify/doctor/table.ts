import type { Checkup } from "./health";
import type { Treated } from "./treat";

/** Seconds that a diagnosis may take. */
export const allowedSeconds = 10;

/** Whether the doctor named the hop at which the fault was, in time. */
export function isRight({ truth, named, seconds }: Treated): boolean {
    return named === truth && seconds < allowedSeconds;
}

/** Injuries as a Markdown table, below it the healthy runs and where this was. */
export function injuryTable(
    treated: readonly Treated[],
    checkups: readonly Checkup[],
    where: string,
): string {
    const rows = treated.map((one) => {
        const verdict = isRight(one) ? "yes" : "**no**";
        const cells = [one.injury, one.on, one.truth, one.named, one.seconds.toFixed(1), verdict];
        return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    });
    const right = treated.filter(isRight).length;
    const alarms = checkups.filter(({ alarm }) => alarm !== undefined);
    const slowest = Math.max(0, ...[...treated, ...checkups].map(({ seconds }) => seconds));
    return [
        "| injury | autoscaler | truth | named | seconds | ok |",
        "| --- | --- | --- | --- | --- | --- |",
        ...rows,
        "",
        `${right} of ${treated.length} injuries named at the right hop (${percent(right, treated.length)}); ${checkups.length} healthy runs with ${alarms.length} false alarms; slowest diagnosis ${slowest.toFixed(1)} s. ${where}`,
    ].join("\n");
}

function percent(part: number, whole: number): string {
    return whole === 0 ? "none tried" : `${((100 * part) / whole).toFixed(0)} %`;
}
