import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { artifactPath } from "../../local/build/artifacts";
import { kubectl } from "../../local/cluster";
import { checkout, instance } from "../../local/instance";
import { type Report, type RunEvent, Runner } from "../../local/runner";
import type { KubernetesObject } from "../../local/runner/objects";
import type { Deployment } from "../../local/verify/deployer";
import { revisions } from "../../local/verify/snapshot";
import type { Installation } from "./programs/installation";

/** The suite's own cluster, beside whatever runs in this checkout. */
export const underTest = instance("rehearsal");
export const { kubeconfig } = underTest;
export const helmProgram = join(artifactPath("helm"), "helm");

const project = "pulumi-kube-observability";

/** One of the programs of test/rehearsal/programs, with its configuration. */
export function deployment(stack: string, program: string, values: object): Deployment {
    const config = Object.entries({ kubeconfig, ...values }).map(([key, value]) => [
        `${project}:${key}`,
        value,
    ]);
    return {
        stack,
        main: `test/rehearsal/programs/${program}.ts`,
        config: Object.fromEntries(config),
        kubeconfig,
        home: join(underTest.dir, "pulumi", stack),
    };
}

/** What programs/charts.ts reads. */
export interface Charts {
    readonly namespaces?: readonly string[];
    readonly charts?: readonly Installation[];
    readonly objects?: readonly object[];
}

export function charts(stack: string, listed: Charts): Deployment {
    return deployment(stack, "charts", listed);
}

export function chartFolder(name: string): string {
    return join(checkout, "test/charts", name);
}

/** The runner on one of the programs, in this process. */
export function runnerOf(
    { stack, main, config }: Deployment,
    onEvent: (event: RunEvent) => void = () => {},
): Runner {
    const texts = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return new Runner({
        program: join(checkout, main),
        project,
        stack,
        config: Object.fromEntries(texts),
        kubeconfig,
        helm: helmProgram,
        onEvent,
    });
}

export function assertOk(report: Report): void {
    assert.deepEqual(report.failures, []);
    assert.ok(report.ok);
}

/** What a run did, or a preview would do: `create Deployment space/web`, without what stays as it is; sorted. */
export async function operations(
    deployed: Deployment,
    run: (runner: Runner) => Promise<Report>,
): Promise<string[]> {
    const labels = new Map<string, string>();
    const done: string[] = [];
    const runner = runnerOf(deployed, (event) => {
        if (event.type === "start") labels.set(event.urn, event.label);
        if (event.type === "end" && event.state === "done" && event.operation !== "unchanged") {
            done.push(`${event.operation} ${labels.get(event.urn)}`);
        }
    });
    assertOk(await run(runner));
    return done.sort();
}

/** The objects' revisions once controllers have nothing more to write; nodes write of themselves by the clock. */
export async function settled(): Promise<ReadonlyMap<string, string>> {
    const read = async () =>
        new Map([...(await revisions(kubeconfig))].filter(([identity]) => !identity.startsWith("/Node/")));
    for (let before = await read(); ; ) {
        await sleep(500);
        const now = await read();
        if (written(before, now).length === 0) return now;
        before = now;
    }
}

/** What was made, changed or deleted between two readings of the revisions, sorted. */
export function written(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
    const all = new Set([...before.keys(), ...after.keys()]);
    return [...all].filter((identity) => before.get(identity) !== after.get(identity)).sort();
}

/** Runs a program again, and fails where that writes anything at all. */
export async function assertUnchanged(deployed: Deployment): Promise<void> {
    const before = await settled();
    assert.deepEqual(await operations(deployed, (runner) => runner.up()), []);
    assert.deepEqual(written(before, await settled()), []);
}

interface Listed extends KubernetesObject {
    readonly spec: Record<string, unknown> & { readonly nodeName?: string };
    readonly data: Record<string, string>;
    readonly status: {
        readonly phase?: string;
        readonly conditions?: readonly {
            readonly type: string;
            readonly status: string;
            readonly message?: string;
        }[];
    };
}

export async function get(kind: string, namespace: string): Promise<Listed[]> {
    return JSON.parse(await kubectl(underTest, ["get", kind, `--namespace=${namespace}`, "--output=json"]))
        .items;
}

/** The only object of that kind and name. */
export async function one(kind: string, namespace: string, name: string): Promise<Listed> {
    const found = (await get(kind, namespace)).find(({ metadata }) => metadata.name === name);
    assert.ok(found, `there is no ${kind} ${namespace}/${name}`);
    return found;
}

/** Deletes objects by their identities, `group/Kind/namespace/name`, and waits until they are gone. */
export async function sweep(identities: readonly string[]): Promise<void> {
    // Claims before their volumes, which otherwise wait for them.
    for (const identity of [...identities].sort().reverse()) {
        const [group = "", kind = "", namespace = "", name = ""] = identity.split("/");
        const type = group ? `${kind}.${group}` : kind;
        await kubectl(underTest, [
            "delete",
            type,
            name,
            "--ignore-not-found",
            ...(namespace ? [`--namespace=${namespace}`] : []),
        ]);
    }
}
