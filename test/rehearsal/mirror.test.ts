import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { charts as table } from "../../components/charts/pins";
import { documentedLeftovers } from "../../local/verify/command";
import { added, snapshot } from "../../local/verify/snapshot";
import {
    assertOk,
    assertUnchanged,
    chartFolder,
    deployment,
    helmProgram,
    kubeconfig,
    one,
    operations,
    runnerOf,
    sweep,
} from "./support";

const namespace = "mirrored";

/** Our charts under names of the library's table, one for a Chart and one for a Release, as a mirror holds them. */
describe("charts of the library's table from a mirror directory", () => {
    let mirror: string;

    before(() => {
        mirror = mkdtempSync(join(tmpdir(), "kube-observability-mirror-"));
    });

    after(() => rmSync(mirror, { recursive: true }));

    /** Puts one of our charts into the mirror, as a folder of that name. */
    function put(chart: string, folder: string, name: string, version: string): void {
        const target = join(mirror, folder);
        rmSync(target, { recursive: true, force: true });
        mkdirSync(target);
        cpSync(chartFolder(chart), target, { recursive: true });
        const file = join(target, "Chart.yaml");
        const renamed = readFileSync(file, "utf8").replace(
            /^name: .*\nversion: .*$/m,
            `name: ${name}\nversion: ${version}`,
        );
        writeFileSync(file, renamed);
    }

    const program = (versions: object = {}) =>
        deployment("mirrored", "mirror", { mirror, versions, charts: ["podinfo", "keda"] });

    it("are installed from archives, in the table's versions", async () => {
        const { podinfo, keda } = table;
        for (const [chart, { name, version }] of [
            ["web-1.0.0", podinfo],
            ["widgets-1.0.0", keda],
        ] as const) {
            put(chart, "unpacked", name, version);
            await execa(helmProgram, ["package", join(mirror, "unpacked"), `--destination=${mirror}`]);
        }
        assertOk(await runnerOf(program()).up());
        const { spec } = await one("deployment", namespace, "podinfo");
        assert.ok(JSON.stringify(spec).includes(`example.invalid/web:${podinfo.version}`));
        await assertUnchanged(program());
    });

    it("are installed from folders, in the versions that are asked for", async () => {
        put("web-1.1.0", "podinfo", "podinfo", "1.1.0");
        put("widgets-1.0.0", "keda", "keda", "1.0.0");
        const done = await operations(program({ podinfo: "1.1.0", keda: "1.0.0" }), (runner) => runner.up());
        assert.ok(done.includes("create PodDisruptionBudget podinfo"), done.join());
        assert.ok(done.includes("update Release mirrored/keda"), done.join());
    });

    it("are brought up to date where a folder has become that of another version", async () => {
        put("web-1.1.0", "podinfo", "podinfo", "1.2.0");
        put("widgets-1.0.0", "keda", "keda", "1.2.0");
        const next = program({ podinfo: "1.2.0", keda: "1.2.0" });
        const planned = await operations(next, (runner) => runner.preview());
        assert.deepEqual(planned, ["update Deployment podinfo", "update Release mirrored/keda"]);
        assert.deepEqual(await operations(next, (runner) => runner.up()), planned);
        const { spec } = await one("deployment", namespace, "keda");
        assert.ok(JSON.stringify(spec).includes("example.invalid/widgets:1.2.0"));
        await assertUnchanged(next);
    });

    it("leave nothing on destroy but what is documented", async () => {
        const before = await snapshot(kubeconfig);
        assertOk(await runnerOf(program()).destroy());
        const after = await snapshot(kubeconfig);
        assert.ok(after.size < before.size);
        const ours = /\/mirrored\/|rehearsal\.example/;
        const left = [...after.keys()].filter((identity) => ours.test(identity)).sort();
        const claim = "/PersistentVolumeClaim/mirrored/data-podinfo-store-0";
        assert.deepEqual(
            left.filter((identity) => !documentedLeftovers.test(identity)),
            [claim],
        );
        assert.deepEqual(added(before, after), []);
        await sweep(left);
    });
});
