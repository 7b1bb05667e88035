import { durationPattern, namePattern, type Problem, renderProblems } from "../../components/problems";
import type { Instance } from "../instance";
import { type LogLine, queryLines } from "../loki";
import { findNode } from "../node/node";
import { mustRun } from "./program";

/** What is looked for, as the command is given it. */
export interface LogSearch {
    readonly namespace: string;
    /** Name of a pod, or how the names of several begin, such as that of their Deployment. @default every pod */
    readonly pod?: string;
    /** From how long ago on, such as "10m". */
    readonly since: string;
    /** Text that a line has to have. @default any line */
    readonly match?: string;
}

/** The most lines that are shown: the last ones. */
export const mostLines = 1000;

/**
 * Prints the lines that the pods of a namespace have written, the newest last.
 *
 * @throws Error with all that is wrong with the search, or when there is no store of logs.
 */
export async function logs(instance: Instance, search: LogSearch): Promise<void> {
    const problems = searchProblems(search);
    if (problems.length > 0) throw new Error(renderProblems(problems));
    await mustRun(instance);
    const port = (await findNode(instance))?.ports.loki;
    const from = Date.now() - milliseconds(search.since);
    const asked = { query: logQuery(search), from, limit: mostLines };
    const lines = await queryLines(`http://127.0.0.1:${port}`, asked).catch((error: Error) => {
        throw new Error(
            `The logs cannot be searched: ${error.message}. Is pulumi-kube-observability:logs false in Pulumi.dev.yaml? Else: kubectl --namespace loki get pods`,
        );
    });
    for (const line of lines) console.log(shown(line));
    console.error(summary(search, lines.length));
}

/** What is wrong with a search, by the names that `make logs` has. */
export function searchProblems({ namespace, pod, since }: LogSearch): Problem[] {
    const problem = (property: string, given: string | undefined, allowed: string, fix: string) => ({
        property,
        given,
        allowed,
        fix,
    });
    return [
        ...(namePattern.test(namespace)
            ? []
            : [problem("NS", namespace, "the name of a namespace", "make logs NS=queue, for example")]),
        ...(pod === undefined || /^[a-z0-9][-a-z0-9.]{0,252}$/.test(pod)
            ? []
            : [problem("POD", pod, "the name of a pod, or how it begins", "see kubectl get pods")]),
        ...(durationPattern.test(since)
            ? []
            : [
                  problem(
                      "SINCE",
                      since,
                      "a time such as 30s, 10m or 2h",
                      "write a whole number and one unit",
                  ),
              ]),
    ];
}

/** The search in LogQL. */
export function logQuery({ namespace, pod, match }: LogSearch): string {
    const pods = pod === undefined ? "" : `,pod=~"${pod.replaceAll(".", "\\\\.")}.*"`;
    return `{namespace="${namespace}"${pods}}${match === undefined ? "" : ` |= ${JSON.stringify(match)}`}`;
}

const units: Readonly<Record<string, number>> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
    y: 31_536_000_000,
};

/** Of a duration that `durationPattern` accepts. */
export function milliseconds(duration: string): number {
    const [, count, unit] = /^(\d+)(\w+)$/.exec(duration) ?? [];
    return Number(count) * (units[unit ?? ""] ?? Number.NaN);
}

/** A line for a person: when, which pod and container, and what. */
export function shown({ time, labels, text }: LogLine): string {
    const at = new Date(Number(time / 1_000_000n)).toISOString();
    return `${at} ${labels.pod}/${labels.container} ${text}`;
}

function summary({ namespace, pod, since }: LogSearch, count: number): string {
    const whose = pod === undefined ? namespace : `${namespace}/${pod}…`;
    if (count === 0) return `No line of ${whose} within ${since}. SINCE=1h looks further back.`;
    return count < mostLines
        ? `${count} lines of ${whose} within ${since}.`
        : `The last ${count} lines of ${whose}; a smaller SINCE, POD or MATCH leaves fewer.`;
}
