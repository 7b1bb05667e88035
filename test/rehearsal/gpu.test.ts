import assert from "node:assert/strict";
import { assertOk, deployment, one, runnerOf } from "./support";

const program = deployment("gpu", "gpu-pods", {});

describe("pods on simulated nodes with GPUs", () => {
    before(async () => assertOk(await runnerOf(program).up()));
    after(async () => assertOk(await runnerOf(program).destroy()));

    it("land there where they ask for GPUs as GpuNodes says", async () => {
        const { spec, status } = await one("pod", "gpu", "placed");
        assert.equal(spec.nodeName, "gpu-node-0");
        assert.equal(status.phase, "Running");
    });

    it("land nowhere where they ask without tolerating the taint, and the scheduler says why", async () => {
        const { spec, status } = await one("pod", "gpu", "untolerating");
        assert.equal(spec.nodeName, undefined);
        const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
        assert.match(scheduled?.message ?? "", /1 node\(s\) had untolerated taint\(s\)/);
        assert.match(scheduled?.message ?? "", /2 Insufficient nvidia\.com\/gpu/);
    });

    it("land on the other nodes where they ask for none", async () => {
        assert.match((await one("pod", "gpu", "plain")).spec.nodeName ?? "", /^node-\d$/);
    });
});
