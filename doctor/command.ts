import type { Connection } from "./read/api";
import { connect, NoClusterError } from "./read/kubeconfig";
import { colorsOf, details, overview } from "./report";
import { ask, type Findings, type Question } from "./run";

export interface DoctorOptions {
    readonly json?: boolean;
    readonly watch?: boolean;
    readonly context?: string;
    readonly kubeconfig?: string;
    readonly as?: string;
    readonly prometheusUrl?: string;
}

/** What the exit status says. */
export const exitCodes = { healthy: 0, broken: 1, couldNotLook: 2 } as const;

/** Seconds between two looks of `--watch`. */
const watchSeconds = 5;

/** The command: looks, prints, and returns the exit status. */
export async function doctor(autoscaler: string | undefined, options: DoctorOptions): Promise<number> {
    const question = { ...place(autoscaler), prometheusUrl: options.prometheusUrl };
    try {
        const connection = await connect(options);
        if (options.watch) return await watch(connection, question, options);
        const findings = await ask(connection, question);
        console.log(options.json ? json(findings) : text(findings, question));
        return exitCode(findings);
    } catch (error) {
        if (!(error instanceof NoClusterError)) throw error;
        const findings: Findings = { diagnoses: [], problem: error.message, seconds: 0 };
        console.log(options.json ? json(findings) : error.message);
        return exitCodes.couldNotLook;
    }
}

/** `namespace/name`, or a name alone in whichever namespace. */
export function place(autoscaler: string | undefined): Pick<Question, "namespace" | "name"> {
    if (autoscaler === undefined) return {};
    const parts = autoscaler.split("/");
    const [namespace, name] = parts.length === 1 ? [undefined, parts[0]] : parts;
    if (parts.length > 2 || name === "" || namespace === "") {
        throw new Error(`"${autoscaler}" names no autoscaler: want namespace/name, or a name alone.`);
    }
    return { namespace, name };
}

export function exitCode({ diagnoses, problem, without }: Findings): number {
    if (without !== undefined || diagnoses.some(({ health }) => health === "broken")) return exitCodes.broken;
    const unseen = problem !== undefined || diagnoses.some(({ health }) => health === "unknown");
    return unseen ? exitCodes.couldNotLook : exitCodes.healthy;
}

/** The schema of docs/doctor.md. */
export function json(findings: Findings): string {
    return JSON.stringify({ version: 1, exitCode: exitCode(findings), ...findings }, null, 4);
}

function text({ diagnoses, problem, without, seconds }: Findings, { name }: Question): string {
    const colors = colorsOf(process.stdout);
    const said = problem ?? without;
    if (said !== undefined) return colors.red(said);
    if (diagnoses.length === 0) return "There is no autoscaler to look at.";
    const body =
        name === undefined
            ? overview(diagnoses, colors)
            : diagnoses.map((diagnosis) => details(diagnosis, colors)).join("\n\n");
    return `${body}\n${colors.dim(`Looked for ${seconds.toFixed(1)} s.`)}`;
}

async function watch(connection: Connection, question: Question, options: DoctorOptions): Promise<number> {
    const { createLogUpdate } = await import("log-update");
    const draw = process.stdout.isTTY && !options.json ? createLogUpdate(process.stdout) : undefined;
    let last: Findings | undefined;
    const ended = new Promise<"ended">((resolve) => process.once("SIGINT", () => resolve("ended")));
    for (;;) {
        const looked = await Promise.race([ask(connection, question), ended]);
        if (looked === "ended") break;
        last = looked;
        const shown = options.json
            ? json(last)
            : `${new Date().toLocaleTimeString()}\n${text(last, question)}`;
        if (draw) draw(shown);
        else console.log(shown);
        let timer: NodeJS.Timeout | undefined;
        const pause = new Promise<"again">((resolve) => {
            timer = setTimeout(() => resolve("again"), watchSeconds * 1000);
        });
        if ((await Promise.race([pause, ended])) === "ended") {
            clearTimeout(timer);
            break;
        }
    }
    draw?.done();
    return last ? exitCode(last) : exitCodes.couldNotLook;
}
