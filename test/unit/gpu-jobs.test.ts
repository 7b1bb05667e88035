import assert from "node:assert/strict";
import { gpuCloudPlan } from "../../stacks/gpu-cloud";
import { gpuJobsPlan, gpuJobsProblems, installGpuJobs } from "../../stacks/gpu-jobs";
import { kindPlan } from "../../stacks/kind";
import { namespacesOf } from "../../stacks/plan";
import { inOrder, named, object, record } from "./support/mocks";

const placement = { nodeSelector: { gpu: "yes" }, tolerations: [] };
const facts = { apiServices: [] };
const sections = { chartVersions: {}, monitoring: {}, queue: {} };
const cloud = { ...sections, context: "c", domain: "example.com", logging: {}, gpu: {}, nodes: {} };

describe("GPU jobs of the stacks", () => {
    it("are none unless they are switched on", () => {
        for (const choices of [{}, { smokeTest: false }, { training: { workers: 4 } }]) {
            assert.equal(gpuJobsPlan(choices, placement), undefined);
        }
        assert.equal(kindPlan(sections, facts).gpuJobs, undefined);
        assert.equal(gpuCloudPlan(cloud, facts).gpuJobs, undefined);
    });

    it("land on the nodes with GPUs, a training on the CPU anywhere", () => {
        const plan = gpuJobsPlan({ smokeTest: true, training: { enabled: true, workers: 3 } }, placement);
        assert.deepEqual(plan?.smokeTest?.placement, placement);
        assert.equal(plan?.training?.gpusPerWorker, 1);
        assert.equal(plan?.training?.workers, 3);
        assert.deepEqual(plan?.training?.placement, placement);
        assert.deepEqual(plan && gpuJobsProblems(plan), []);
        const cpu = gpuJobsPlan({ training: { enabled: true, gpusPerWorker: 0 } }, placement, true)?.training;
        assert.equal(cpu?.placement, undefined);
        assert.equal(cpu?.simulated, undefined);
    });

    it("simulate on kind, on its simulated nodes", () => {
        const plan = kindPlan({ ...sections, smokeTest: true }, facts);
        assert.equal(plan.gpuJobs?.smokeTest?.simulated, true);
        assert.notDeepEqual(plan.gpuJobs?.smokeTest?.placement?.nodeSelector, {});
        assert.equal(plan.gpuJobs?.training, undefined);
        assert.ok(namespacesOf(plan).includes("gpu-jobs"));
    });

    it("use the cloud's GPUs and the stack's class of volumes", () => {
        const training = {
            enabled: true,
            gpusPerWorker: 2,
            epochs: 5,
            storageSize: "3Gi",
            sharedStorage: true,
        };
        const plan = gpuCloudPlan(
            { ...cloud, gpu: { smokeTest: true }, storageClass: "fast", training },
            facts,
        );
        assert.equal(plan.gpuJobs?.smokeTest?.simulated, false);
        assert.deepEqual(plan.gpuJobs?.smokeTest?.placement?.nodeSelector, {
            "nvidia.com/gpu.present": "true",
        });
        const { gpusPerWorker, epochs, storage } = plan.gpuJobs?.training ?? {};
        assert.deepEqual([gpusPerWorker, epochs], [2, 5]);
        assert.deepEqual(storage, { size: "3Gi", storageClass: "fast", shared: true });
    });

    it("tell what is wrong with them", () => {
        const training = { enabled: true, workers: 1000, gpusPerWorker: 16 };
        const plan = gpuJobsPlan({ training }, placement);
        assert.ok(plan);
        assert.deepEqual(
            gpuJobsProblems(plan).map(({ property }) => property),
            ["batch"],
        );
    });

    it("have a namespace that lets workers to each other, and come after it", async () => {
        const plan = gpuJobsPlan({ smokeTest: true, training: { enabled: true } }, placement);
        assert.ok(plan);
        const recording = await record(
            () => installGpuJobs(plan, (...after) => ({ dependsOn: after.flatMap((r) => r ?? []) })),
            ({ kind }) => kind === "Namespace",
        );
        assert.ok(object(recording, "NetworkPolicy", "training-from-workers"));
        assert.deepEqual(
            named(recording)
                .filter(([kind]) => kind === "Job")
                .map(([, name]) => name),
            ["smoke-test", "training"],
        );
        for (const job of ["smoke-test", "training"]) {
            assert.ok(inOrder(recording, "Namespace gpu-jobs", `Job ${job}`));
        }
    });
});
