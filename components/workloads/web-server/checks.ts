import { checkAmount, checkWhole, type Problem } from "../../problems";

/** The problem with a number, if there is one. Both bounds are allowed values. */
export function checkNumber(
    property: string,
    given: number | undefined,
    min: number,
    max: number,
): Problem[] {
    return given === undefined || (typeof given === "number" && given >= min && given <= max)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: `a number from ${min} to ${max}`,
                  fix: `choose a number in that range or leave ${property} out for its default`,
              },
          ];
}

/** Problems with the replicas: an autoscaler's are nobody else's to set. */
export function checkReplicas(args: {
    readonly replicas?: number | undefined;
    readonly autoscaled?: boolean | undefined;
}): Problem[] {
    return args.autoscaled && args.replicas !== undefined
        ? [
              {
                  property: "replicas",
                  given: args.replicas,
                  allowed: "nothing, where an autoscaler owns the replicas",
                  fix: "leave out replicas, or autoscaled",
              },
          ]
        : checkWhole("replicas", args.replicas, 0, 1000);
}

/** Problems with a request and a limit. */
export function checkAmounts(property: string, given: readonly [string, string] | undefined): Problem[] {
    return [...checkAmount(`${property}[0]`, given?.[0]), ...checkAmount(`${property}[1]`, given?.[1])];
}
