import type { PinnedChart } from "../../components/charts/pins";
import type { Step, Verification } from "./verify";

const steps: readonly Step[] = ["install", "no change", "upgrade", "destroy"];

export interface Circumstances {
    readonly kubernetes: string;
    readonly engine: string;
    /** Day, as YYYY-MM-DD. */
    readonly date: string;
}

/** The verifications as a Markdown table: seconds where a step holds, and what is wrong where it does not. */
export function compatibilityTable(
    results: readonly Verification[],
    chartsOf: (name: string) => readonly PinnedChart[],
    { kubernetes, engine, date }: Circumstances,
): string {
    const rows = results.map((result) => {
        const installed = chartsOf(result.name).map(({ name, version }) => `${name} ${version}`);
        const cells = steps.map((step) => cellOf(result, step));
        return `| ${[result.name, installed.join(", "), result.objects ?? "", ...cells].join(" | ")} |`;
    });
    return [
        "| subject | charts | objects | install | no change | upgrade | destroy |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        ...rows,
        "",
        `Seconds where the step did what it should; "-" where there was nothing to try. Kubernetes ${kubernetes}, ${date}, with ${engine}.`,
    ].join("\n");
}

function cellOf({ checks }: Verification, step: Step): string {
    const tried = checks.filter((check) => check.step === step);
    const failure = tried.find((check) => check.failure !== undefined)?.failure;
    if (failure !== undefined) {
        return `**failed**: ${failure.replaceAll("|", "\\|").replaceAll("\n", "; ")}`;
    }
    return tried[0] ? tried[0].seconds.toFixed(1) : "-";
}
