import assert from "node:assert/strict";
import { added, type Snapshot, snapshot } from "../../local/verify/snapshot";
import type { Installation } from "./programs/installation";
import {
    assertOk,
    assertUnchanged,
    chartFolder,
    charts,
    kubeconfig,
    operations,
    runnerOf,
    sweep,
} from "./support";

const namespace = "definitions";
const definition = (kind: string) =>
    `apiextensions.k8s.io/CustomResourceDefinition//${kind}.rehearsal.example`;

const widgets = (through: Installation["through"], more: Partial<Installation> = {}): Installation => ({
    through,
    chart: chartFolder("widgets-1.0.0"),
    release: "widgets",
    namespace,
    ...more,
});
const custom = (kind: string, spec?: object) => ({
    apiVersion: "rehearsal.example/v1",
    kind,
    metadata: { name: kind.toLowerCase(), namespace },
    ...(spec && { spec }),
});

describe("a chart with definitions", () => {
    let bare: Snapshot;

    beforeEach(async () => {
        bare = await snapshot(kubeconfig);
    });

    it("installs none through a Chart that leaves them out", async () => {
        const program = charts("definitions-chart", {
            charts: [widgets("Chart", { skipCrds: true, values: { definitions: false } })],
        });
        assert.deepEqual(await operations(program, (runner) => runner.up()), ["create Deployment widgets"]);
        const made = added(bare, await snapshot(kubeconfig));
        assert.ok(!made.some((identity) => identity.includes("CustomResourceDefinition")), made.join());
        assertOk(await runnerOf(program).destroy());
    });

    it("installs both kinds through a Release, before objects of them, and keeps them on destroy", async () => {
        const program = charts("definitions-release", {
            charts: [widgets("Release")],
            objects: [custom("Widget", { size: 3 }), custom("Gadget")],
        });
        const made = [
            "create Gadget definitions/gadget",
            "create Release definitions/widgets",
            "create Widget definitions/widget",
        ];
        // Kinds that are not there yet are no obstacle to a preview.
        assert.deepEqual(await operations(program, (runner) => runner.preview()), made);
        assert.deepEqual(await operations(program, (runner) => runner.up()), made);
        await assertUnchanged(program);
        assertOk(await runnerOf(program).destroy());
        const left = added(bare, await snapshot(kubeconfig));
        assert.deepEqual(left, [definition("gadgets"), definition("widgets")]);
    });

    it("takes definitions over that an earlier release has kept", async () => {
        const program = charts("definitions-release", { charts: [widgets("Release")] });
        assertOk(await runnerOf(program).up());
        assertOk(await runnerOf(program).destroy());
        assert.deepEqual(added(bare, await snapshot(kubeconfig)), []);
        await sweep([definition("gadgets"), definition("widgets")]);
    });

    it("is an error for an object that its definition refuses, with what the definition says", async () => {
        const program = charts("definitions-refused", {
            charts: [widgets("Release")],
            objects: [custom("Widget", { size: 0 })],
        });
        const { failures } = await runnerOf(program).up();
        assert.equal(failures.length, 1);
        assert.match(
            failures[0] ?? "",
            /Widget definitions\/widget: .*spec\.size.*greater than or equal to 1/s,
        );
        assertOk(await runnerOf(program).destroy());
        await sweep([definition("gadgets"), definition("widgets")]);
    });
});
