import type { Instance } from "../instance";
import { chooseDeployer, subjectOf } from "./command";
import type { Outcome } from "./deployer";

export interface StepOptions {
    readonly charts: string;
    readonly stack: string;
    /** The charts' previous versions instead of those of the table. */
    readonly previous?: boolean;
}

/** One command of a subject, as a user runs it. */
export async function step(
    instance: Instance,
    command: "up" | "destroy",
    { charts, stack, previous }: StepOptions,
): Promise<Outcome> {
    const subject = subjectOf(instance, stack, charts);
    const deployment = previous ? subject.previous : subject.deployment;
    if (!deployment) throw new Error(`${charts} has no previous versions of the charts of ${stack}.`);
    const deployer = await chooseDeployer();
    return deployer[command](deployment);
}

/** The same, as a process: its exit status is 1 where anything failed. */
export async function runStep(
    instance: Instance,
    command: "up" | "destroy",
    options: StepOptions,
): Promise<void> {
    const { failures } = await step(instance, command, options);
    for (const failure of failures) console.error(failure);
    if (failures.length > 0) process.exitCode = 1;
}
