import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { dev } from "../../../stacks/dev";
import type { PlatformOutputs } from "../../../stacks/outputs";
import type { PlatformPlan } from "../../../stacks/platform";
import { promiseOf, type Recording, record } from "./mocks";

/** What the recipes of charts have in common, for their tests. */

const root = join(__dirname, "..", "..", "..");

/** A file of the checkout, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: YAML of several kinds
export function yamlFile(path: string): any {
    return parse(readFileSync(join(root, path), "utf8"));
}

/** The project's configuration in a stack file, as Pulumi hands it over: without prefix, each value a text. */
export function stackConfig(path: string): Record<string, string> {
    const prefix = "pulumi-kube-observability:";
    const entries = Object.entries(yamlFile(path).config as Record<string, unknown>)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [
            key.slice(prefix.length),
            typeof value === "string" ? value : JSON.stringify(value),
        ]);
    return Object.fromEntries(entries);
}

/** What a recipe returned, and what it registered. */
export interface Followed extends Recording {
    readonly outputs: PlatformOutputs;
}

/** Follows a recipe. */
export async function follow(recipe: () => PlatformOutputs | Promise<PlatformOutputs>): Promise<Followed> {
    let outputs: PlatformOutputs | undefined;
    const recording = await record(async () => {
        outputs = await recipe();
    });
    assert.ok(outputs);
    return { ...recording, outputs };
}

/** The parts of a plan that are installed, by their names in it. */
export function partsOf(plan: PlatformPlan): string[] {
    return Object.entries(plan).flatMap(([name, part]) => (part === undefined ? [] : [name]));
}

/** The releases of charts, by their names, sorted. */
export function releasesOf({ resources }: Recording): string[] {
    return resources
        .filter(({ kind }) => kind === "Chart" || kind === "Release")
        .map(({ inputs }) => inputs.name as string)
        .sort();
}

/** The components that the recipe made itself, not within another, by their types, sorted. */
export function componentsOf({ urns }: Recording): string[] {
    return urns
        .map((urn) => urn.split("::")[2] ?? "")
        .flatMap((type) => /^pulumi-kube-observability:index:(\w+)$/.exec(type)?.[1] ?? [])
        .sort();
}

/** Every text under one of the keys, or in a list under it, wherever in what was registered; each once, sorted. */
export function valuesUnder({ resources }: Recording, ...keys: readonly string[]): string[] {
    const found = new Set<string>();
    const look = (value: unknown): void => {
        if (typeof value !== "object" || value === null) return;
        for (const [key, below] of Object.entries(value)) {
            if (keys.includes(key)) {
                for (const one of [below].flat()) if (typeof one === "string") found.add(one);
            }
            look(below);
        }
    };
    for (const { inputs } of resources) look(inputs);
    return [...found].sort();
}

/** Asserts that everything in a cluster names the one provider that the recipe made. */
export function assertOneProvider({ resources }: Recording, name: string): void {
    const providers = resources.filter(({ type }) => type.startsWith("pulumi:providers:"));
    assert.deepEqual(
        providers.map(({ type, name }) => [type, name]),
        [["pulumi:providers:kubernetes", name]],
    );
    const inCluster = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.ok(inCluster.length > 100, `${inCluster.length}`);
    for (const { kind, name: resource, provider } of inCluster) {
        assert.match(provider, new RegExp(`::pulumi:providers:kubernetes::${name}::`), `${kind} ${resource}`);
    }
}

/** Asserts the shape of all outputs: the keys of the dev stack, a reason for each null, the password a secret. */
export async function assertOutputs(outputs: PlatformOutputs): Promise<void> {
    const { outputs: others } = await follow(() =>
        dev({ target: "dev", kubeconfig: "/a/kubeconfig", monitoring: {}, queue: {} }),
    );
    assert.deepEqual(Object.keys(outputs).sort(), Object.keys(others).sort());
    for (const [name, value] of Object.entries(outputs)) {
        if (value === null) assert.match(outputs.notes[name] ?? "", /\w+ \w+/, `no reason for ${name}`);
    }
    assert.ok(outputs.grafanaPassword);
    assert.equal(await pulumi.isSecret(outputs.grafanaPassword), true);
}

/** The value of an output that may be one or not. */
export function resolved<T>(value: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> {
    return promiseOf(pulumi.output(value));
}

/** Asserts that the provider carries the kubeconfig of one context itself, as a secret, and knows its cluster again. */
export function assertProviderOf({ resources }: Recording, context: string, server: string): void {
    const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
    const { kubeconfig, ...inputs } = provider?.inputs ?? {};
    assert.deepEqual(inputs, { clusterIdentifier: "uid-of-the-cluster", upsertExistingObjects: "true" });
    assert.deepEqual(provider?.secrets, ["kubeconfig"]);
    const parsed = JSON.parse(kubeconfig);
    assert.equal(parsed["current-context"], context);
    assert.deepEqual(
        parsed.contexts.map(({ name }: { name: string }) => name),
        [context],
    );
    assert.equal(parsed.clusters[0].cluster.server, server);
}
