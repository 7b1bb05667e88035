import { join } from "node:path";
import pc from "picocolors";
import { type Environment, environment } from "../bench/environment";
import { pinnedVersion } from "../build/go";
import { kubectl } from "../cluster";
import { mustRun, outputs } from "../commands/program";
import { liveView } from "../demo/live";
import { checkout, type Instance } from "../instance";
import { listOnly, scenarioList, scenariosNamed } from "./index";
import { k6 } from "./load";
import { figureLines, writeDocs, writeReport } from "./report";
import { type Endpoint, type Scenario, type Stage, SwitchedOff, succeeded } from "./scenario";
import { runEach, summary } from "./summary";

export interface ScenarioOptions {
    /** Which, `all`, or `list` for none. */
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
 * The exit status is 1 where a figure is not what was wanted. Of all, those that the stack does not have are left out.
 *
 * @throws Error where there is no such scenario, or no stack to run it on; where one is to run, also where it cannot.
 */
export async function runScenarios(instance: Instance, options: ScenarioOptions): Promise<void> {
    const chosen = scenariosNamed(options.scenario);
    console.log(`${scenarioList(chosen).join("\n")}\n`);
    if (options.scenario === listOnly) return;
    await mustRun(instance);
    const stage = await stageOf(instance, options);
    const verdicts = await runEach(
        chosen,
        (scenario) => runOne(scenario, stage, options.write ?? false),
        console.error,
    );
    const { good, line } = summary(verdicts);
    if (chosen.length > 1) console.log(good ? pc.green(line) : pc.red(line));
    if (!good) process.exitCode = 1;
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

/** @throws SwitchedOff with the stack's own reason where it does not have it, and Error where it has not come so far. */
export function addressOf(stack: Readonly<Record<string, unknown>>, endpoint: Endpoint): string {
    const address = stack[endpoint];
    if (typeof address === "string") return address;
    const notes = (stack.notes ?? {}) as Readonly<Record<string, string>>;
    const reason = notes[endpoint];
    if (reason === undefined)
        throw new Error(
            `The stack has no ${endpoint}: it has not been deployed to its end. Run \`make up\` first.`,
        );
    throw new SwitchedOff(
        `The stack has no ${endpoint}: ${reason}. Switch it on in Pulumi.dev.yaml, then \`make up\`.`,
    );
}
