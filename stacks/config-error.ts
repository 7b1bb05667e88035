import * as pulumi from "@pulumi/pulumi";
import { type Problem, renderProblems } from "../components/problems";

/** The project's name, and so the namespace of its configuration keys. */
export const project = "pulumi-kube-observability";

/** All problems with a configuration as one error, for users: without a stack. */
export function configError(problems: readonly Problem[]): Error {
    return new pulumi.RunError(`The configuration of the stack has problems:\n${renderProblems(problems)}`);
}
