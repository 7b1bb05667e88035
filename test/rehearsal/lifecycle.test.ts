import assert from "node:assert/strict";
import { execa } from "execa";
import { added, requestCount, type Snapshot, snapshot } from "../../local/verify/snapshot";
import {
    assertOk,
    assertUnchanged,
    chartFolder,
    charts,
    get,
    helmProgram,
    kubeconfig,
    one,
    operations,
    runnerOf,
    settled,
    sweep,
    written,
} from "./support";

const namespace = "lifecycle";

/** The chart `web` from its install to its destroy, through either of the resources that the library uses. */
for (const through of ["Chart", "Release"] as const) {
    const web = (version: string) =>
        charts(`lifecycle-${through}`, {
            charts: [
                {
                    through,
                    chart: chartFolder(`web-${version}`),
                    release: "web",
                    namespace,
                    values: { message: "good morning", greeter: { greeting: "from the user" } },
                },
            ],
        });

    describe(`a chart through a ${through}`, () => {
        let bare: Snapshot;

        before("the namespace is empty", async () => {
            bare = await snapshot(kubeconfig);
        });

        it("is said to be made by a preview, which writes nothing", async () => {
            const untouched = await settled();
            const planned = await operations(web("1.0.0"), (runner) => runner.preview());
            const objects = [
                "create ConfigMap web",
                "create ConfigMap web-greeter",
                "create ConfigMap web-notice",
                "create Deployment web",
                "create Service web",
                "create ServiceAccount web",
                "create StatefulSet web-store",
            ];
            assert.deepEqual(planned, through === "Chart" ? objects : ["create Release lifecycle/web"]);
            assert.deepEqual(written(untouched, await settled()), []);
        });

        it("settles with every pod ready", async () => {
            assertOk(await runnerOf(web("1.0.0")).up());
            const pods = await get("pods", namespace);
            assert.equal(pods.length, 3);
            const ready = pods.filter(({ status }) =>
                status.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
            );
            assert.equal(ready.length, 3);
        });

        it("has the values of the user, and a subchart those of the chart above it and its own", async () => {
            const { data } = await one("configmap", namespace, "web");
            assert.deepEqual(data, { message: "good morning" });
            const greeter = await one("configmap", namespace, "web-greeter");
            assert.deepEqual(greeter.data, { greeting: "from the user", audience: "everyone" });
        });

        it(`${through === "Chart" ? "runs no hook" : "runs its hooks, and removes what they made"}`, async () => {
            assert.deepEqual(await get("jobs", namespace), []);
            assert.ok(!(await get("pods", namespace)).some(({ metadata }) => metadata.name === "web-test"));
            if (through === "Chart") {
                assert.deepEqual(await jobEvents(), []);
            } else {
                assert.deepEqual(await hooks(), { "web-announce": "Succeeded", "web-test": "" });
            }
        });

        it("changes nothing when run again", async () => {
            await assertUnchanged(web("1.0.0"));
        });

        it("asks the API server little when run again", async () => {
            const before = await requestCount(kubeconfig);
            assertOk(await runnerOf(web("1.0.0")).up());
            const requests = (await requestCount(kubeconfig)) - before;
            // For each object to read it and to apply it; the control plane's own are counted, too.
            assert.ok(requests < 40, `${requests} requests`);
        });

        it("upgrades: says in a preview what would change, and writes nothing", async () => {
            const untouched = await settled();
            const planned = await operations(web("1.1.0"), (runner) => runner.preview());
            const objects = [
                "create PodDisruptionBudget web",
                "delete ConfigMap lifecycle/web-notice",
                "update Deployment web",
            ];
            assert.deepEqual(planned, through === "Chart" ? objects : ["update Release lifecycle/web"]);
            assert.deepEqual(written(untouched, await settled()), []);
        });

        it("upgrades: brings what is new, deletes what is gone, and replaces neither stores nor their claims", async () => {
            const before = await snapshot(kubeconfig);
            assertOk(await runnerOf(web("1.1.0")).up());
            const after = await snapshot(kubeconfig);
            const kept = [
                "apps/Deployment/lifecycle/web",
                "apps/StatefulSet/lifecycle/web-store",
                "/PersistentVolumeClaim/lifecycle/data-web-store-0",
                "/Pod/lifecycle/web-store-0",
            ];
            for (const identity of kept) {
                assert.ok(before.get(identity), identity);
                assert.equal(after.get(identity), before.get(identity), identity);
            }
            assert.ok(after.has("policy/PodDisruptionBudget/lifecycle/web"));
            assert.ok(!after.has("/ConfigMap/lifecycle/web-notice"));
            const { spec } = await one("deployment", namespace, "web");
            assert.match(JSON.stringify(spec), /example.invalid\/web:1\.1\.0/);
            await assertUnchanged(web("1.1.0"));
        });

        it("leaves nothing on destroy but the claim of its StatefulSet, with the volume", async () => {
            assertOk(await runnerOf(web("1.1.0")).destroy());
            const left = added(bare, await snapshot(kubeconfig));
            const claim = left.find((identity) => identity.startsWith("/PersistentVolumeClaim/"));
            assert.equal(claim, "/PersistentVolumeClaim/lifecycle/data-web-store-0");
            const others = left.filter((identity) => identity !== claim);
            assert.ok(others.length === 1 && others[0]?.startsWith("/PersistentVolume/"), others.join());
            await sweep(left);
        });
    });
}

/** Phases of the release's hooks, as Helm remembers them. */
async function hooks(): Promise<Record<string, string>> {
    const args = ["status", "web", `--namespace=${namespace}`, "--output=json"];
    const { stdout } = await execa(helmProgram, args, { env: { KUBECONFIG: kubeconfig } });
    const found = JSON.parse(stdout).hooks as { name: string; last_run: { phase?: string } }[];
    return Object.fromEntries(found.map(({ name, last_run }) => [name, last_run.phase ?? ""]));
}

/** Events of Jobs, which stay when these are gone. */
async function jobEvents(): Promise<string[]> {
    const events = (await get("events", namespace)) as unknown as { involvedObject: { kind: string } }[];
    return events.map(({ involvedObject }) => involvedObject.kind).filter((kind) => kind === "Job");
}
