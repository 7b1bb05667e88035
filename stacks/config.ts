import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { durationPattern, type Problem, renderProblems } from "../components/problems";

/** The project's name, and so the namespace of its configuration keys. */
export const project = "pulumi-kube-observability";

const duration = (example: string) => {
    const allowed = `a Prometheus duration such as ${example}`;
    return z.string(allowed).regex(durationPattern, allowed).optional();
};
const whole = (min: number, max: number) => {
    const allowed = `a whole number from ${min} to ${max}`;
    return z.int(allowed).min(min, allowed).max(max, allowed).optional();
};
const number = (min: number, max: number) => {
    const allowed = `a number from ${min} to ${max}`;
    return z.number(allowed).min(min, allowed).max(max, allowed).optional();
};

/** The keys of `Pulumi.<stack>.yaml`. Left-out values take the defaults of the components. */
const schema = z.strictObject({
    /** The recipe: which platform the stack stands on. */
    target: z.enum(["dev"], "dev"),
    /** Path of the cluster's kubeconfig. Default: the environment's KUBECONFIG. */
    kubeconfig: z.string("the path of a kubeconfig file").optional(),
    monitoring: z
        .strictObject(
            { scrapeInterval: duration("15s"), retention: duration("7d") },
            "an object with the keys scrapeInterval, retention",
        )
        .default({}),
    queue: z
        .strictObject(
            {
                maxReplicas: whole(1, 1000),
                itemsPerReplica: whole(1, 1000000),
                cooldownSeconds: whole(0, 86400),
                pollingSeconds: whole(1, 3600),
                secondsPerMessage: number(0, 20),
            },
            "an object with the keys maxReplicas, itemsPerReplica, cooldownSeconds, pollingSeconds, secondsPerMessage",
        )
        .default({}),
});

/** A stack's configuration, checked. */
export type StackConfig = Required<z.output<typeof schema>>;

/** The names of the recipes. */
export type Target = StackConfig["target"];

/** What `parseConfig` looks at beside the configuration. */
export interface Surroundings {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly fileExists: (path: string) => boolean;
}

/**
 * The configuration of the running stack: the only place that asks Pulumi for it.
 *
 * @throws pulumi.RunError with every problem, before anything is created.
 */
export function readConfig(): StackConfig {
    const prefix = `${project}:`;
    const raw = Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]);
    return parseConfig(Object.fromEntries(raw), { env: process.env, fileExists: existsSync });
}

/**
 * Checks a configuration as Pulumi hands it over: every value a string, objects as JSON.
 *
 * @throws pulumi.RunError with every problem.
 */
export function parseConfig(raw: Readonly<Record<string, string>>, around: Surroundings): StackConfig {
    const values = { ...raw, monitoring: decoded(raw.monitoring), queue: decoded(raw.queue) };
    const parsed = schema.safeParse(values);
    const kubeconfig = raw.kubeconfig ?? around.env.KUBECONFIG;
    const problems = [
        ...(parsed.error?.issues ?? []).flatMap((issue) => problemsOf(issue, values)),
        ...kubeconfigProblems(kubeconfig, around),
    ];
    if (!parsed.success || kubeconfig === undefined || problems.length > 0) {
        throw new pulumi.RunError(
            `The configuration of the stack has problems:\n${renderProblems(problems)}`,
        );
    }
    return { ...parsed.data, kubeconfig };
}

function decoded(json: string | undefined): unknown {
    try {
        return json === undefined ? undefined : JSON.parse(json);
    } catch {
        return json; // Not JSON, so not an object: the schema says so, with the text that was given.
    }
}

function problemsOf(issue: z.core.$ZodIssue, values: unknown): Problem[] {
    const property = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
        const known = Object.keys(issue.path.length === 0 ? schema.shape : shapeOf(property)).join(", ");
        return issue.keys.map((key) => ({
            property: [...issue.path, key].join("."),
            given: valueAt(values, [...issue.path, key]),
            allowed: `the keys ${known}`,
            fix: "correct the name of the key or remove it from Pulumi.<stack>.yaml",
        }));
    }
    return [
        {
            property,
            given: valueAt(values, issue.path),
            allowed: issue.message,
            fix: `correct ${project}:${property} in Pulumi.<stack>.yaml`,
        },
    ];
}

function shapeOf(section: string): object {
    return schema.shape[section as "monitoring" | "queue"].unwrap().shape;
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], values);
}

function kubeconfigProblems(given: string | undefined, { fileExists }: Surroundings): Problem[] {
    return given !== undefined && fileExists(given)
        ? []
        : [
              {
                  property: "kubeconfig",
                  given,
                  allowed: "the path of a kubeconfig file that exists",
                  fix: `start a cluster with "make cluster" and set KUBECONFIG to what "make kubeconfig" prints, or set ${project}:kubeconfig`,
              },
          ];
}
