import type { Expected } from "./fault";
import { judge, type Verdict } from "./judge";
import { subjects } from "./subjects";
import type { Trial } from "./trial";

/** A fault that was tried, or why it could not be. */
export interface Result {
    readonly fault: string;
    readonly trial?: Trial;
    readonly problem?: string;
}

/** Whether everything was as it should be. */
export function isRight({ trial }: Result): boolean {
    return trial !== undefined && judge(trial).problems.length === 0;
}

/** Whether an autoscaler that is wrong on purpose lost replicas: else none of the others could have been seen to. */
export function controlFailed(results: readonly Result[]): boolean {
    return results.some(({ trial }) => trial && judge(trial).controls.length > 0);
}

/** Faults as a Markdown table, below it who was watched, and where this was. */
export function faultTable(results: readonly Result[], where: string): string {
    return [
        "| fault | for s | alerts name the hop | fire after s | replicas held | controls | messages out of in | follow again after s | alerts gone after s | ok |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ...results.map(row),
        "",
        `${results.filter(isRight).length} of ${results.length} faults without a wrong scale-down, a lost message or a missing alert. ${where}`,
        "",
        "| autoscaler | what | replicas |",
        "| --- | --- | --- |",
        ...subjects.map(
            ({ name, what, asks, grown }) => `| \`${name}\` | ${what} | ${asks}, then ${grown} |`,
        ),
    ].join("\n");
}

function row({ fault, trial, problem }: Result): string {
    if (trial === undefined) return cells([fault, ...Array(8).fill(""), `**no**: ${problem ?? "not tried"}`]);
    const verdict = judge(trial);
    const { problems, controls } = verdict;
    const held = !problems.some((text) => / replicas after | was woken | to its fallback/.test(text));
    return cells([
        fault,
        trial.endedAt.toFixed(0),
        hopsOf(trial, verdict),
        firedOf(verdict),
        held ? "yes" : "**no**",
        controls.length > 0 ? controls.join(", ") : "hold",
        `${trial.consumed} of ${trial.published}`,
        seconds(trial.followsAfter),
        trial.alerts.length === 0 ? "-" : seconds(trial.quietAfter),
        problems.length === 0 ? "yes" : `**no**: ${problems.join("; ")}`,
    ]);
}

/** Hops, or other alerts, with the autoscalers that they name, and what names another hop. */
function hopsOf({ expected }: Trial, { elsewhere }: Verdict): string {
    const what = ({ alert, hop }: Expected) => alert ?? hop;
    const everybody = subjects.filter(({ control }) => !control).length;
    const right = [...new Set(expected.map(what))].map((one) => {
        const names = expected.filter((other) => what(other) === one).map(({ autoscaler }) => autoscaler);
        return `${one} (${names.length === everybody ? "all" : names.join(", ")})`;
    });
    const also = elsewhere.length > 0 ? [`also ${elsewhere.join(", ")}`] : [];
    return [...right, ...also].join("; ") || "none";
}

function firedOf({ fired }: Verdict): string {
    if (!fired) return "-";
    const [first, last] = fired.map((second) => second.toFixed(0));
    return first === last ? `${first}` : `${first} to ${last}`;
}

function seconds(value: number | undefined): string {
    return value === undefined ? "**never**" : value.toFixed(0);
}

function cells(texts: readonly string[]): string {
    return `| ${texts.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
