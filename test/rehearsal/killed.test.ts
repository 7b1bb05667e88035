import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { kubectl } from "../../local/cluster";
import { checkout } from "../../local/instance";
import type { Deployment } from "../../local/verify/deployer";
import { added, type Snapshot, snapshot } from "../../local/verify/snapshot";
import { until } from "../cluster/support";
import type { Installation } from "./programs/installation";
import {
    assertOk,
    assertUnchanged,
    chartFolder,
    charts,
    get,
    kubeconfig,
    runnerOf,
    sweep,
    underTest,
} from "./support";

const namespace = "killed";

/** A label that no node has while the gate is closed: pods that select it keep a run from its end. */
const gate = "rehearsal.example/gate";
const behindGate = { [gate]: "open" };
const setGate = (open: boolean) =>
    kubectl(underTest, ["label", "node", "node-0", "--overwrite", open ? `${gate}=open` : `${gate}-`]);

type Moment = () => Promise<boolean>;

/** The namespace has that many objects, but for those that it is made with. */
const objects =
    (count: number): Moment =>
    async () =>
        (await ours()).length >= count;

/** A pod of that workload waits for the gate. */
const waiting =
    (name: string): Moment =>
    async () =>
        (await get("pods", namespace)).some(
            ({ metadata, spec, status }) =>
                metadata.name.startsWith(name) &&
                spec.nodeSelector !== undefined &&
                status.phase === "Pending",
        );

/** Kills a run, and Helm with it, at a moment that the gate makes it wait for. */
async function kill(command: "up" | "destroy", program: Deployment, moment: Moment): Promise<void> {
    const script = ["--require", "ts-node/register", "test/rehearsal/run-program.ts"];
    const child = spawn("node", [...script, command, JSON.stringify(program)], {
        cwd: checkout,
        detached: true,
        stdio: "ignore",
    });
    const ended = once(child, "exit");
    await until("the moment to kill", 60, async () => {
        assert.equal(child.exitCode, null, "the run ended before it could be killed");
        return (await moment()) || undefined;
    });
    process.kill(-(child.pid as number), "SIGKILL");
    assert.deepEqual(await ended, [null, "SIGKILL"]);
}

/** What the namespace has, but for what is called by other names or kept longer where a run took two attempts. */
async function ours(): Promise<string[]> {
    const varying = /^\/Pod\/|^apps\/ReplicaSet\/|\/sh\.helm\.release\./;
    const all = [...(await snapshot(kubeconfig)).keys()];
    return all.filter((identity) => identity.includes(`/${namespace}/`) && !varying.test(identity)).sort();
}

/** What a destroy has left since then, but for claims and volumes of StatefulSets, which stay by design. */
async function leftSince(then: Snapshot): Promise<string[]> {
    const left = added(then, await snapshot(kubeconfig));
    return left.filter((identity) => !identity.startsWith("/PersistentVolume"));
}

/** Status of each of Helm's records, oldest first. */
async function records(release: string): Promise<string[]> {
    const secrets = (await get("secrets", namespace)).filter(
        ({ metadata }) => metadata.labels?.owner === "helm",
    );
    return secrets
        .filter(({ metadata }) => metadata.labels?.name === release)
        .sort((a, b) => Number(a.metadata.labels?.version) - Number(b.metadata.labels?.version))
        .map(({ metadata }) => metadata.labels?.status ?? "");
}

/** Deletes something in the cluster only once the test lets it. */
async function hold(kind: string, name: string, held: boolean): Promise<void> {
    const patch = JSON.stringify({ metadata: { finalizers: held ? ["rehearsal.example/hold"] : null } });
    await kubectl(underTest, [
        "patch",
        kind,
        name,
        `--namespace=${namespace}`,
        "--type=merge",
        `--patch=${patch}`,
    ]);
}

describe("a run that was killed", () => {
    const web = (through: Installation["through"], version: string): Deployment =>
        charts(`killed-${through}`, {
            charts: [
                {
                    through,
                    chart: chartFolder(`web-${version}`),
                    release: "web",
                    namespace,
                    values: { nodeSelector: behindGate },
                },
            ],
        });
    const destroyed: Moment = async () => (await get("deployments", namespace)).length === 0;
    /** What a run makes that nobody kills. */
    const undisturbed: Record<string, string[]> = {};
    let bare: Snapshot;

    before("runs that nobody kills show what there is to be", async () => {
        await setGate(true);
        bare = await snapshot(kubeconfig);
        for (const version of ["1.0.0", "1.1.0"]) {
            assertOk(await runnerOf(web("Chart", version)).up());
            undisturbed[version] = await ours();
        }
        assertOk(await runnerOf(web("Chart", "1.1.0")).destroy());
        await sweep(added(bare, await snapshot(kubeconfig)));
    });

    beforeEach(() => setGate(false));

    /** Runs the same command again, with the gate open, and then once more: that has nothing left to do. */
    async function again(program: Deployment): Promise<void> {
        await setGate(true);
        assertOk(await runnerOf(program).up());
        await assertUnchanged(program);
    }

    for (const through of ["Chart", "Release"] as const) {
        const old = web(through, "1.0.0");
        const next = web(through, "1.1.0");
        const assertRecords = async (...statuses: string[]) =>
            through === "Release" && assert.deepEqual(await records("web"), statuses);

        describe(`of a ${through}`, () => {
            it("is finished by the next, killed at the first objects, among its workloads, and while pods start", async () => {
                await kill("up", old, objects(1));
                await kill("up", old, objects(6));
                await kill("up", old, waiting("web-"));
                await assertRecords("pending-install");
                await again(old);
                await assertRecords("deployed");
                assert.deepEqual(await ours(), undisturbed["1.0.0"]);
            });

            it("is finished by the next, killed in an upgrade, with the store that was there", async () => {
                const store = async () =>
                    (await snapshot(kubeconfig)).get(`apps/StatefulSet/${namespace}/web-store`);
                const before = await store();
                await kill("up", next, waiting("web-"));
                await assertRecords("deployed", "pending-upgrade");
                await again(next);
                await assertRecords("superseded", "deployed");
                assert.deepEqual(await ours(), undisturbed["1.1.0"]);
                assert.equal(await store(), before);
            });

            it("is finished by the next, killed in a destroy", async () => {
                await hold("configmap", "web", true);
                await kill("destroy", next, destroyed);
                await hold("configmap", "web", false);
                assertOk(await runnerOf(next).destroy());
                assert.deepEqual(await leftSince(bare), []);
            });

            it("can be destroyed, killed in an install", async () => {
                await kill("up", old, waiting("web-"));
                assertOk(await runnerOf(old).destroy());
                assert.deepEqual(await leftSince(bare), []);
            });

            it("can be destroyed with the objects of both versions, killed in an upgrade", async () => {
                await setGate(true);
                assertOk(await runnerOf(old).up());
                await setGate(false);
                await kill("up", next, waiting("web-"));
                assertOk(await runnerOf(next).destroy());
                assert.deepEqual(await leftSince(bare), []);
            });

            it("can be brought back, killed in a destroy", async () => {
                await setGate(true);
                assertOk(await runnerOf(old).up());
                await hold("configmap", "web", true);
                await kill("destroy", old, destroyed);
                await hold("configmap", "web", false);
                await again(old);
                assert.deepEqual(await ours(), undisturbed["1.0.0"]);
                assertOk(await runnerOf(old).destroy());
                await sweep(added(bare, await snapshot(kubeconfig)));
            });
        });
    }

    it("is finished by the next, killed in a hook before the objects of a Release", async () => {
        const program = charts("killed-hook", {
            charts: [
                {
                    through: "Release",
                    chart: chartFolder("widgets-1.0.0"),
                    release: "widgets",
                    namespace,
                    values: { hookNodeSelector: behindGate },
                },
            ],
        });
        await kill("up", program, waiting("widgets-prepare"));
        assert.deepEqual(await records("widgets"), ["pending-install"]);
        assert.deepEqual(await get("deployments", namespace), []);
        await again(program);
        assert.deepEqual(await records("widgets"), ["deployed"]);
        assert.deepEqual(await get("jobs", namespace), []);
        assertOk(await runnerOf(program).destroy());
        const left = added(bare, await snapshot(kubeconfig));
        assert.ok(
            left.length === 2 && left.every((identity) => /CustomResourceDefinition/.test(identity)),
            left.join(),
        );
        await sweep(left);
    });
});
