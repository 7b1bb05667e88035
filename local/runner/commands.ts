import { createLogUpdate } from "log-update";
import pc from "picocolors";
import { type Gate, printable, type Report, type RunEvent, Runner, readProject } from ".";
import { endLines, past, Tree } from "./tree";

export interface CommandOptions {
    /** Directory of `Pulumi.yaml`. */
    readonly directory: string;
    readonly stack: string;
    readonly kubeconfig: string;
    /** Print secret outputs in clear. @default false */
    readonly showSecrets?: boolean;
    /** Why the Pulumi CLI is not used. @default "Pulumi CLI not found." */
    readonly because?: string;
    readonly gate?: Gate;
    readonly stdout?: NodeJS.WriteStream;
}

/** Each command returns the exit status, and throws where it cannot even start: no project, no cluster. */
export async function up(options: CommandOptions): Promise<number> {
    const report = await present(options, false, (runner) => runner.up());
    printOutputs(options, report.outputs);
    return finish(options, report);
}

export async function preview(options: CommandOptions): Promise<number> {
    return finish(options, await present(options, true, (runner) => runner.preview()), true);
}

export async function destroy(options: CommandOptions): Promise<number> {
    return finish(options, await present(options, false, (runner) => runner.destroy()));
}

/** The outputs of the last successful `up`, secrets as `[secret]` unless asked for. */
export async function readOutputs(options: CommandOptions): Promise<Record<string, unknown>> {
    const wire = await runnerOf(options, () => {}).outputs();
    if (!wire) {
        throw new Error(`The stack "${options.stack}" has no outputs in this cluster yet: run up first.`);
    }
    return printable(wire, options.showSecrets ?? false) as Record<string, unknown>;
}

async function present(
    options: CommandOptions,
    isPreview: boolean,
    command: (runner: Runner) => Promise<Report>,
): Promise<Report> {
    const stream = out(options);
    const view = stream.isTTY ? liveView(stream, isPreview) : plainView(stream, isPreview);
    try {
        const runner = runnerOf(options, view.take);
        // The first thing that a run says is the notice, which goes on in this line.
        stream.write(`${options.because ?? "Pulumi CLI not found."} `);
        return await command(runner);
    } finally {
        view.end();
    }
}

/** A tree that is drawn again and again, for a terminal. */
function liveView(stream: NodeJS.WriteStream, isPreview: boolean) {
    const tree = new Tree(isPreview);
    const update = createLogUpdate(stream);
    const draw = () => update(tree.lines((stream.rows ?? 24) - 1).join("\n"));
    const timer = setInterval(draw, 100).unref();
    return {
        take: (event: RunEvent) =>
            event.type === "note" ? stream.write(`${event.text}\n`) : tree.take(event),
        end: () => {
            clearInterval(timer);
            update(tree.lines().join("\n"));
            update.done();
        },
    };
}

/** One line per resource as it ends, for logs. */
function plainView(stream: NodeJS.WriteStream, isPreview: boolean) {
    const labels = new Map<string, string>();
    const take = (event: RunEvent) => {
        if (event.type === "note") {
            stream.write(`${event.text}\n`);
        } else if (event.type === "start") {
            labels.set(event.urn, event.label);
        } else if (event.type === "end") {
            stream.write(`${endLines(labels.get(event.urn) ?? event.urn, event, isPreview).join("\n")}\n`);
        }
    };
    return { take, end: () => {} };
}

function printOutputs(options: CommandOptions, wire: Readonly<Record<string, unknown>>): void {
    const shown = Object.entries(printable(wire, options.showSecrets ?? false) as Record<string, unknown>);
    const width = Math.max(0, ...shown.map(([name]) => name.length));
    const lines = shown.map(([name, value]) => {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return `  ${pc.bold(name.padEnd(width))}  ${text}\n`;
    });
    out(options).write(lines.length > 0 ? `\nOutputs:\n${lines.join("")}` : "");
}

/** Failures once more, all in one place, then the counts. */
function finish(
    options: CommandOptions,
    { ok, counts, failures, seconds }: Report,
    isPreview = false,
): number {
    const stream = out(options);
    if (failures.length > 0) {
        stream.write(
            `\n${pc.red(`${failures.length} failed:`)}\n${failures.map((text) => `- ${text}\n`).join("")}`,
        );
    }
    const told = Object.entries(counts).filter(([, count]) => count > 0);
    const word = (what: string) =>
        what in past ? (isPreview ? `to ${what}` : past[what as keyof typeof past]) : what;
    const summary = told.map(([what, count]) => `${count} ${word(what)}`).join(", ");
    stream.write(
        `\n${ok ? pc.green("✔") : pc.red("✘")} ${summary || "nothing to do"} in ${seconds.toFixed(1)} s\n`,
    );
    return ok ? 0 : 1;
}

function runnerOf(options: CommandOptions, onEvent: (event: RunEvent) => void): Runner {
    const { directory, stack, kubeconfig, gate } = options;
    const { name: project, program, config } = readProject(directory, stack);
    return new Runner({ program, project, stack, config, kubeconfig, onEvent, ...(gate && { gate }) });
}

function out(options: CommandOptions): NodeJS.WriteStream {
    return options.stdout ?? process.stdout;
}
