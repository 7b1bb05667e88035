import { join } from "node:path";
import { stringify } from "yaml";
import { heal } from "../commands/heal";
import { type EngineStack, engine, pulumi } from "../engine";
import { checkout } from "../instance";
import { type Report, type RunEvent, Runner, stackConfig } from "../runner";

/** A program with its configuration on a cluster, deployed by whichever engine there is. */
export interface Deployment {
    readonly stack: string;
    /** Path of the program below the checkout. */
    readonly main: string;
    /** Values by `project:key`, as a stack file has them. */
    readonly config: Readonly<Record<string, unknown>>;
    readonly kubeconfig: string;
    /** Folder for the engine's state. */
    readonly home: string;
}

/** What a run did. */
export interface Outcome {
    readonly seconds: number;
    /** Everything that went wrong; empty where nothing did. */
    readonly failures: readonly string[];
    /** Resources that it made, changed, replaced or deleted; undefined where the engine does not tell. */
    readonly changed?: readonly string[];
    /** Objects that the program declares; undefined where the engine does not tell. */
    readonly objects?: number;
}

export interface Deployer {
    readonly name: string;
    up(deployment: Deployment): Promise<Outcome>;
    /** Says what `up` would change, and fails where that is anything. */
    unchanged(deployment: Deployment): Promise<Outcome>;
    destroy(deployment: Deployment): Promise<Outcome>;
}

/** The runner of this project, with Helm. */
export function runnerDeployer(helm: string): Deployer {
    return {
        name: "the project's runner and Helm",
        up: (deployment) => inRunner(deployment, helm, (runner) => runner.up()),
        // A whole run and not a preview: a run must leave alone what is as it should be.
        unchanged: async (deployment) => {
            const outcome = await inRunner(deployment, helm, (runner) => runner.up());
            const changed = (outcome.changed ?? []).map((what) => `changed again: ${what}`);
            return { ...outcome, failures: [...outcome.failures, ...changed] };
        },
        destroy: (deployment) => inRunner(deployment, helm, (runner) => runner.destroy()),
    };
}

async function inRunner(
    deployment: Deployment,
    helm: string,
    run: (runner: Runner) => Promise<Report>,
): Promise<Outcome> {
    const { stack, main, kubeconfig } = deployment;
    const changed: string[] = [];
    const labels = new Map<string, string>();
    const onEvent = (event: RunEvent) => {
        if (event.type === "start") labels.set(event.urn, event.label);
        if (event.type === "end" && event.state === "done" && !/unchanged|read/.test(event.operation)) {
            changed.push(`${event.operation} ${labels.get(event.urn)} ${event.diff.join("; ")}`.trim());
        }
    };
    const runner = new Runner({
        program: join(checkout, main),
        project: "pulumi-kube-observability",
        stack,
        config: stackConfig("pulumi-kube-observability", {}, deployment.config, stack),
        kubeconfig,
        helm,
        onEvent,
    });
    const { seconds, failures, counts } = await run(runner);
    return { seconds, failures, changed, objects: counts.create + counts.update + counts.unchanged };
}

/** The Pulumi CLI, with a state of its own for each deployment. */
export const engineDeployer: Deployer = {
    name: "the Pulumi CLI",
    up: (deployment) =>
        timed(async () => {
            // As `make kind` does; the runner does it itself, for the release that it is at.
            await heal(deployment.kubeconfig, console.log);
            await engine(engineStack(deployment), "up");
        }),
    unchanged: (deployment) =>
        timed(() => pulumi(engineStack(deployment), "preview", ["--expect-no-changes"])),
    destroy: (deployment) => timed(() => engine(engineStack(deployment), "destroy")),
};

export function engineStack({ stack, main, config, kubeconfig, home }: Deployment): EngineStack {
    return { name: stack, home, kubeconfig, main, settings: stringify({ config }) };
}

async function timed(run: () => Promise<void>): Promise<Outcome> {
    const started = performance.now();
    const failures = await run().then(
        () => [],
        (error: Error) => [error.message],
    );
    return { seconds: (performance.now() - started) / 1000, failures };
}
