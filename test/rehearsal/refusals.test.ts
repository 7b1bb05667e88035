import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { charts as table } from "../../components/charts/pins";
import type { Deployment } from "../../local/verify/deployer";
import { added, type Snapshot, snapshot } from "../../local/verify/snapshot";
import type { Installation } from "./programs/installation";
import { assertOk, assertUnchanged, chartFolder, charts, deployment, kubeconfig, runnerOf } from "./support";

const namespace = "refused";

/** What cannot be installed: the error says what and why, and nothing of it is made. */
describe("a chart that cannot be installed", () => {
    let bare: Snapshot;

    before(async () => {
        bare = await snapshot(kubeconfig);
    });

    /** The one failure of an install that makes nothing but what a run remembers itself by. */
    async function failure(program: Deployment): Promise<string> {
        const { ok, failures } = await runnerOf(program).up();
        assert.ok(!ok);
        assert.equal(failures.length, 1, failures.join("\n"));
        const records = /^\/ConfigMap\/pulumi-kube-observability\//;
        const made = added(bare, await snapshot(kubeconfig)).filter((identity) => !records.test(identity));
        assert.deepEqual(made, []);
        assertOk(await runnerOf(program).destroy());
        assert.deepEqual(added(bare, await snapshot(kubeconfig)), []);
        return failures[0] ?? "";
    }

    for (const through of ["Chart", "Release"] as const) {
        const web = (values: object): Deployment => {
            const chart = chartFolder("web-1.0.0");
            const installation = { through, chart, release: "web", namespace, values } as Installation;
            return charts(`refused-${through}`, { charts: [installation] });
        };

        it(`names the value that the schema of the chart does not have (${through})`, async () => {
            const text = await failure(web({ mesage: "hello" }));
            assert.match(text, new RegExp(`^${through} refused/web: chart .*/web-1\\.0\\.0: `));
            assert.match(text, /additional properties 'mesage' not allowed/);
        });

        it(`names the value of another type than the schema's (${through})`, async () => {
            const text = await failure(web({ replicas: "two" }));
            assert.match(text, /'\/replicas': got string, want integer/);
        });

        it(`says what the chart says of a value that it refuses (${through})`, async () => {
            const text = await failure(web({ replicas: 10 }));
            assert.match(text, /replicas: was given 10; allowed: at most 9/);
        });

        it(`says what the chart says of a value that it needs (${through})`, async () => {
            assert.match(await failure(web({ message: "" })), /message: say something/);
        });

        it(`names a chart that is not there (${through})`, async () => {
            const chart = chartFolder("nothing-1.0.0");
            const installation: Installation = { through, chart, release: "nothing", namespace };
            const text = await failure(charts(`refused-${through}`, { charts: [installation] }));
            assert.match(text, /chart .*\/nothing-1\.0\.0: .*not found/);
        });
    }

    it("names the version that a mirror has not", async () => {
        const mirror = mkdtempSync(join(tmpdir(), "kube-observability-mirror-"));
        const text = await failure(deployment("refused-mirror", "mirror", { mirror, charts: ["podinfo"] }));
        rmSync(mirror, { recursive: true });
        assert.ok(text.includes(`the chart mirror ${mirror} has no podinfo ${table.podinfo.version}`), text);
    });
});

describe("a Release whose pods do not start", () => {
    const web = (nodeSelector: object): Deployment => {
        const chart = chartFolder("web-1.0.0");
        const values = { nodeSelector };
        return charts("refused-pods", {
            charts: [{ through: "Release", chart, release: "web", namespace, values, timeout: 3 }],
        });
    };

    it("fails after its time, and the error names what is not ready", async () => {
        const { failures } = await runnerOf(web({ "rehearsal.example/nowhere": "yes" })).up();
        assert.equal(failures.length, 1);
        assert.match(
            failures[0] ?? "",
            /^Release refused\/web: .*Deployment\/refused\/web not ready\. .*Available: 0\/2\n.*deadline exceeded/,
        );
    });

    it("is brought up by the next run that lets them", async () => {
        assertOk(await runnerOf(web({})).up());
        await assertUnchanged(web({}));
        assertOk(await runnerOf(web({})).destroy());
    });
});
