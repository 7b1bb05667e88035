import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { checkChartSource } from "../components/chart-source";
import { type Problem, renderProblems } from "../components/problems";
import { type DevConfig, type GpuCloudConfig, type KindConfig, schemas, type Target } from "./schema";

/** The project's name, and so the namespace of its configuration keys. */
export const project = "pulumi-kube-observability";

/** A stack's configuration, checked. */
export type StackConfig = DevConfig | KindConfig | GpuCloudConfig;

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
 * Checks a configuration as Pulumi hands it over: every value a string, anything else as JSON.
 *
 * @throws pulumi.RunError with every problem.
 */
export function parseConfig(raw: Readonly<Record<string, string>>, around: Surroundings): StackConfig {
    const kubeconfig = raw.kubeconfig ?? around.env.KUBECONFIG;
    const schema = schemas[raw.target as Target] as z.ZodObject | undefined;
    const values = schema ? decoded(raw, schema) : raw;
    const parsed = schema?.safeParse(values);
    const problems = [
        ...(schema ? [] : [targetProblem(raw.target)]),
        ...(parsed?.error?.issues ?? []).flatMap((issue) => problemsOf(issue, values, schema as z.ZodObject)),
        ...mirrorProblems(raw.chartMirror),
        ...kubeconfigProblems(kubeconfig, around),
    ];
    if (!parsed?.success || kubeconfig === undefined || problems.length > 0) {
        throw configError(problems);
    }
    return { ...parsed.data, kubeconfig } as StackConfig;
}

/** All problems with a configuration as one error, for users: without a stack. */
export function configError(problems: readonly Problem[]): Error {
    return new pulumi.RunError(`The configuration of the stack has problems:\n${renderProblems(problems)}`);
}

/** Values of keys that hold more than text, taken out of their JSON. */
function decoded(raw: Readonly<Record<string, string>>, schema: z.ZodObject): Record<string, unknown> {
    const entries = Object.entries(raw).map(([key, text]) => {
        const type = schema.shape[key];
        return [key, type && !isText(type) ? fromJson(text) : text];
    });
    return Object.fromEntries(entries);
}

function isText(type: z.core.$ZodType): boolean {
    const { def } = type as z.ZodType;
    if (def.type === "optional" || def.type === "default") {
        return isText((def as unknown as { innerType: z.ZodType }).innerType);
    }
    return def.type === "string" || def.type === "enum" || def.type === "literal";
}

function fromJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text; // Not JSON, so not what the key holds: the schema says so, with the text that was given.
    }
}

function targetProblem(given: string | undefined): Problem {
    const allowed = Object.keys(schemas).join(", ");
    return { property: "target", given, allowed, fix: `correct ${project}:target in Pulumi.<stack>.yaml` };
}

function problemsOf(issue: z.core.$ZodIssue, values: unknown, schema: z.ZodObject): Problem[] {
    const property = issue.path.join(".");
    const keys = issue.code === "unrecognized_keys" || issue.code === "invalid_key";
    if (issue.code === "unrecognized_keys") {
        const known = Object.keys(shapeAt(schema, issue.path)).join(", ");
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
            allowed: keys ? "a key of components/charts.ts" : issue.message,
            fix: `correct ${project}:${property} in Pulumi.<stack>.yaml`,
        },
    ];
}

/** The keys that an object at a path may have. */
function shapeAt(schema: z.ZodType, path: readonly PropertyKey[]): object {
    const { def } = schema;
    if (def.type === "optional" || def.type === "default") {
        return shapeAt((def as unknown as { innerType: z.ZodType }).innerType, path);
    }
    const { shape } = schema as z.ZodObject;
    const [first, ...rest] = path;
    return first === undefined ? shape : shapeAt(shape[String(first)] as z.ZodType, rest);
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], values);
}

/** Which charts it must hold, the recipe knows; that it is one, is told here. */
function mirrorProblems(mirror: string | undefined): Problem[] {
    return checkChartSource("chartMirror", mirror === undefined ? undefined : { mirror }, []).map(
        (problem) => ({ ...problem, property: "chartMirror" }),
    );
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
