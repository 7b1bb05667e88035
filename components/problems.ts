import * as pulumi from "@pulumi/pulumi";

/** One mistake in what a user gave: enough to understand it and to put it right. */
export interface Problem {
    /** Path of the property, e.g. `queue.maxReplicas`. */
    readonly property: string;
    /** The value as it was given; `undefined` when nothing was. */
    readonly given: unknown;
    /** The values that would have been accepted, in words. */
    readonly allowed: string;
    /** The next step for the user, in the imperative. */
    readonly fix: string;
}

/** A Prometheus duration of one unit, e.g. `15s`. */
export const durationPattern = /^[1-9][0-9]*(ms|s|m|h|d|w|y)$/;

/** The name of a namespace, and of whatever becomes part of a host name. */
export const namePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The name of most other objects, such as classes, issuers and Secrets: names as above, with dots between. */
export const objectNamePattern =
    /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A key of a Secret. */
export const secretKeyPattern = /^[-._a-zA-Z0-9]{1,253}$/;

/**
 * Refuses a component whose arguments have problems, before any child is created.
 *
 * @throws pulumi.ResourceError with every problem, one a line; users see no stack.
 */
export function reject(resource: pulumi.Resource, problems: readonly Problem[]): void {
    if (problems.length > 0) {
        throw new pulumi.ResourceError(renderProblems(problems), resource, true);
    }
}

/** All problems as text, one a line. */
export function renderProblems(problems: readonly Problem[]): string {
    return problems.map(renderProblem).join("\n");
}

/** `property: was given X; allowed: Y; do: Z` */
export function renderProblem({ property, given, allowed, fix }: Problem): string {
    return `${property}: was given ${given === undefined ? "nothing" : JSON.stringify(given)}; allowed: ${allowed}; do: ${fix}`;
}

/** The problem with a duration, if there is one. */
export function checkDuration(property: string, given: string | undefined): Problem[] {
    return given === undefined || durationPattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a Prometheus duration such as 500ms, 15s, 5m or 2d",
                  fix: "write a whole number above zero and one unit (ms, s, m, h, d, w, y)",
              },
          ];
}

/** The problem with an amount of bytes as Kubernetes writes it, if there is one. */
export function checkBytes(property: string, given: string | undefined): Problem[] {
    return given === undefined || /^(?=.*[1-9])[0-9]+(\.[0-9]+)?([KMGTPE]i|[kMGTPE])?$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a quantity of bytes such as 500Mi, 20Gi or 1.5Ti",
                  fix: "write a number above zero and one unit (Ki, Mi, Gi, Ti, Pi, Ei, or k, M, G, T, P, E)",
              },
          ];
}

/** The problem with an amount of anything as Kubernetes writes it, if there is one. */
export function checkAmount(property: string, given: string | undefined): Problem[] {
    return given === undefined || /^[0-9]+(\.[0-9]+)?(m|[KMGTPE]i|[kMGTPE])?$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a quantity such as 10, 500m, 2Gi",
                  fix: "write a number and at most one unit (m, k, M, G, T, P, E, or Ki, Mi, Gi, Ti, Pi, Ei)",
              },
          ];
}

/** The problem with a whole number, if there is one. Both bounds are allowed values. */
export function checkWhole(property: string, given: number | undefined, min: number, max: number): Problem[] {
    return given === undefined || (Number.isInteger(given) && given >= min && given <= max)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: `a whole number from ${min} to ${max}`,
                  fix: `choose a number in that range or leave ${property} out for its default`,
              },
          ];
}

/** The problem with a node port, if there is one: Kubernetes serves 30000 to 32767 unless told otherwise. */
export function checkNodePort(property: string, given: number | undefined): Problem[] {
    return checkWhole(property, given, 30000, 32767);
}

/** The problem with a choice of a few words, if there is one; types tell only programs that are type checked. */
export function checkChoice(
    property: string,
    given: string | undefined,
    choices: readonly string[],
): Problem[] {
    return given === undefined || choices.includes(given)
        ? []
        : [{ property, given, allowed: choices.join(", "), fix: "choose one of these" }];
}

/** The problem with the name of a Kubernetes object, if there is one. */
export function checkName(property: string, given: string | undefined): Problem[] {
    return given === undefined || namePattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "1 to 63 lower-case letters, digits and inner hyphens",
                  fix: "rename it",
              },
          ];
}

/** The problem with the name of an object that may have dots in its name, if there is one. */
export function checkObjectName(property: string, given: string | undefined): Problem[] {
    return given === undefined || objectNamePattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "1 to 253 lower-case letters, digits, and within also hyphens and dots",
                  fix: "write it in these characters",
              },
          ];
}

/** The problem with a key of a Secret, if there is one. */
export function checkSecretKey(property: string, given: string | undefined): Problem[] {
    return given === undefined || secretKeyPattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "1 to 253 letters, digits, hyphens, underscores and dots",
                  fix: "write the key under which the Secret holds it",
              },
          ];
}
