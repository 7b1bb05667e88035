import { join } from "node:path";
import pc from "picocolors";
import { type Environment, environment } from "../bench/environment";
import { pinnedVersion } from "../build/go";
import { kubectl } from "../cluster";
import { mustRun, outputs } from "../commands/program";
import { liveView } from "../demo/live";
import { checkout, type Instance } from "../instance";
import { scenarioList, scenariosNamed } from "./index";
import { k6 } from "./load";
import { figureLines, writeDocs, writeReport } from "./report";
import { type Endpoint, type Scenario, type Stage, succeeded } from "./scenario";

export interface ScenarioOptions {
    /** Which, or `all`. */
    readonly scenario: string;
    /** Messages of the queue's burst. */
    readonly messages: number;
    /** Loads that are as short as show the same. */
    readonly short?: boolean;
    /** Write figures and picture into docs/scenarios. */
    readonly write?: boolean;
}

/**
 * The whole of `make demo`: lists the scenarios, runs one or all on the running dev stack, draws it, and leaves a report.
 * The exit status is 1 where a figure is not what was wanted.
 *
 * @throws Error where there is no such scenario, or no stack to run it on.
 */
export async function runScenarios(instance: Instance, options: ScenarioOptions): Promise<void> {
    const chosen = scenariosNamed(options.scenario);
    await mustRun(instance);
    const stage = await stageOf(instance, options);
    console.log(`${scenarioList(chosen).join("\n")}\n`);
    const missed: string[] = [];
    for (const scenario of chosen) {
        if (!(await runOne(scenario, stage, options.write ?? false))) missed.push(scenario.name);
    }
    if (chosen.length > 1) {
        const line = `${chosen.length - missed.length} of ${chosen.length} scenarios went as wanted`;
        console.log(missed.length === 0 ? pc.green(line) : pc.red(`${line}, not ${missed.join(", ")}`));
    }
    if (missed.length > 0) process.exitCode = 1;
}

async function runOne(scenario: Scenario, stage: Stage, write: boolean): Promise<boolean> {
    console.log(`${pc.bold(scenario.title)}\n${scenario.shows}\n`);
    const begun = Date.now();
    const outcome = await scenario.run(stage);
    const where = here();
    const files = await writeReport(scenario, outcome, where, join(checkout, "reports"));
    const good = succeeded(outcome);
    const lines = figureLines(outcome.figures);
    console.log(`\n${lines.map((line) => (line.startsWith("✘") ? pc.red(line) : line)).join("\n")}`);
    console.log(`\nReport  ${files.html}\nData    ${files.json}`);
    if (write) console.log(`Page    ${await writeDocs(scenario, outcome, where, docsFolder)}`);
    console.log(pc.dim(`${scenario.name} took ${((Date.now() - begun) / 1000).toFixed(0)} s.\n`));
    return good;
}

const docsFolder = join(checkout, "docs/scenarios");

function here(): Environment {
    return environment({ kubernetes: pinnedVersion(".", "k8s.io/kubernetes") });
}

/** What scenarios run on, of an instance whose stack is up. */
export async function stageOf(
    instance: Instance,
    { messages, short = false }: Pick<ScenarioOptions, "messages" | "short">,
): Promise<Stage> {
    const stack = await outputs(instance, false);
    if (typeof stack.prometheusUrl !== "string")
        throw new Error("The stack has no Prometheus; run `make up` first.");
    return {
        kubeconfig: instance.kubeconfig,
        prometheusUrl: stack.prometheusUrl,
        url: (endpoint) => addressOf(stack, endpoint),
        kubectl: (args, input) => kubectl(instance, args, input),
        load: k6,
        draw: (view) => liveView(view, process.stdout, pc.isColorSupported),
        say: console.log,
        short,
        messages,
    };
}

/** @throws Error with the stack's own reason where it does not have it. */
export function addressOf(stack: Readonly<Record<string, unknown>>, endpoint: Endpoint): string {
    const address = stack[endpoint];
    if (typeof address === "string") return address;
    const notes = (stack.notes ?? {}) as Readonly<Record<string, string>>;
    throw new Error(
        `The stack has no ${endpoint}: ${notes[endpoint] ?? "it has not been deployed to its end"}. ` +
            "Switch it on in Pulumi.dev.yaml, then `make up`.",
    );
}
