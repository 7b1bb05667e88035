import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { contextsOf } from "../components/cluster/kubeconfig";
import type { Problem } from "../components/problems";
import { alertingProblems } from "./alerting";
import { configError, project } from "./config-error";
import { decoded, type RawValues, schemaProblems, soundPart } from "./config-values";
import { gpuCloudPlan, gpuCloudProblems } from "./gpu-cloud";
import { rehearsalProblems } from "./gpu-rehearsal";
import { kindPlan } from "./kind";
import { accessProblems, type Files } from "./kubeconfig";
import { planProblems } from "./plan";
import { type DevConfig, type GpuCloudConfig, type KindConfig, schemas, type Target } from "./schema";

/** A stack's configuration, checked. */
export type StackConfig = DevConfig | KindConfig | GpuCloudConfig;

/** What `parseConfig` looks at beside the configuration. */
export interface Surroundings extends Files {
    readonly env: Readonly<Record<string, string | undefined>>;
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
    return parseConfig(Object.fromEntries(raw), { env: process.env, fileExists: existsSync, contextsOf });
}

/**
 * Checks a configuration as Pulumi hands it over: every value a string, anything else as JSON. What the cluster alone
 * can tell is left to the recipes: it is asked with a configuration that is right, since nobody should wait for a
 * cluster, perhaps the wrong one, to hear of a slip of the pen.
 *
 * @throws pulumi.RunError with every problem.
 */
export function parseConfig(raw: Readonly<Record<string, string>>, around: Surroundings): StackConfig {
    const path = raw.kubeconfig ?? around.env.KUBECONFIG;
    const target = Object.keys(schemas).find((name) => name === raw.target) as Target | undefined;
    if (target === undefined) {
        throw configError([targetProblem(raw.target), ...accessProblems(undefined, path, undefined, around)]);
    }
    const schema = schemas[target] as z.ZodObject;
    const values = decoded(raw, schema);
    const config = { ...soundPart(schema, values), kubeconfig: path } as StackConfig;
    const problems = [
        ...schemaProblems(schema, values),
        ...(target === "dev" ? [] : alertingProblems(sections(values).alerts)),
        ...(config.target === "gpu-cloud" ? gpuCloudProblems(sections(values)) : rehearsalProblems(config)),
        ...accessProblems(target, path, raw.context, around),
    ];
    // As long as values are wrong, a plan shows little more than that; only what a mirror lacks is a matter of its own.
    const planned = plannedProblems(config).filter(
        ({ property }) => problems.length === 0 || property === "chartMirror",
    );
    if (problems.length + planned.length > 0) {
        throw configError([...problems, ...planned]);
    }
    return config;
}

function targetProblem(given: string | undefined): Problem {
    const allowed = Object.keys(schemas).join(", ");
    return { property: "target", given, allowed, fix: `correct ${project}:target in Pulumi.<stack>.yaml` };
}

/** The sections whose keys depend on each other, empty where they are none. */
function sections({ gpu, nodes, alerts }: RawValues) {
    const section = (value: unknown) =>
        typeof value === "object" && !Array.isArray(value) ? (value ?? {}) : {};
    const found = { gpu: section(gpu), nodes: section(nodes), alerts: section(alerts) };
    return found as Pick<GpuCloudConfig, "gpu" | "nodes" | "alerts">;
}

/** What shows when the whole is planned, such as charts that a mirror lacks; the cluster is not asked yet. */
function plannedProblems(config: StackConfig): Problem[] {
    const facts = { apiServices: [] };
    switch (config.target) {
        case "dev":
            return [];
        case "kind":
            return planProblems(kindPlan(config, facts));
        case "gpu-cloud":
            return planProblems(gpuCloudPlan(config, facts));
    }
}
