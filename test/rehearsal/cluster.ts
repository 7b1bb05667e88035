import { stopNode } from "../../local/node/node";
import { startSimulatedCluster } from "../../local/simulated-cluster";
import { assertOk, charts, runnerOf, underTest } from "./support";

/**
 * Namespaces of the tests. To delete one takes seconds, so they stay to the end, and so does with them the
 * namespace of the runner's own records: a test can compare all of the cluster before and after.
 */
const namespaces = ["lifecycle", "definitions", "refused", "mirrored", "gpu", "killed", "verified"];

export const mochaHooks = {
    async beforeAll(this: Mocha.Context) {
        this.timeout(1_200_000); // with nothing cached, this compiles
        await stopNode(underTest);
        await startSimulatedCluster(underTest, { cpu: 2, gpu: 1 });
        assertOk(await runnerOf(charts("namespaces", { namespaces })).up());
    },
    async afterAll() {
        await stopNode(underTest);
    },
};
