import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../problems";
import type { AutoscalerArgs } from "../autoscaler";
import { backends } from "./chain";

/**
 * Problems because of which nothing can be planned. Programs that are type checked have none of them; of the others not
 * more can be said until these are mended.
 */
export function checkShape(args: AutoscalerArgs): Problem[] {
    const { target, signals, platform } = args as Partial<AutoscalerArgs>;
    return [
        ...checkPlain("target.namespace", target?.namespace),
        ...checkPlain("target.name", target?.name),
        ...checkSignalList(signals),
        ...checkPlatformBackends(platform?.backends),
    ];
}

/** The problem with a name that is not there, or is known only later. */
function checkPlain(property: string, given: unknown): Problem[] {
    if (typeof given === "string") return [];
    if (!pulumi.Output.isInstance(given)) {
        return [{ property, given, allowed: "a name", fix: "say what is scaled" }];
    }
    return [
        {
            property,
            given: "an Output",
            allowed: "plain text: expressions contain it, and they are made before anything is created",
            fix: "write the name itself; what has to be there first goes into dependsOn",
        },
    ];
}

function checkSignalList(given: unknown): Problem[] {
    const allowed = "a list of what the functions of `signals` make";
    const fix = "say what to scale on, such as signals.cpu({ utilization: 60 })";
    if (!Array.isArray(given)) return [{ property: "signals", given, allowed, fix }];
    return given.flatMap((signal, index) =>
        Array.isArray(signal?.problems)
            ? []
            : [{ property: `signals[${index}]`, given: signal, allowed, fix }],
    );
}

function checkPlatformBackends(given: unknown): Problem[] {
    const known = (backend: unknown) => backends.some((one) => one === backend);
    if (given === undefined || (Array.isArray(given) && given.every(known))) return [];
    return [
        {
            property: "platform.backends",
            given,
            allowed: `a list of ${backends.join(", ")}`,
            fix: "name what the cluster has, or leave it out where it has all",
        },
    ];
}
