import assert from "node:assert/strict";
import { parseConfig } from "../../stacks/config";
import { rehearsalProblems } from "../../stacks/gpu-rehearsal";

const around = {
    env: { KUBECONFIG: "/a/kubeconfig" },
    fileExists: () => true,
    contextsOf: () => ["kind-observability"],
};

const properties = (choices: Parameters<typeof rehearsalProblems>[0]) =>
    rehearsalProblems(choices).map(({ property }) => property);

describe("what a configuration says of simulated GPUs", () => {
    const everything = { gpuServer: true, smokeTest: true, training: { enabled: true } };

    it("is refused where it needs GPUs and there are none, all at once", () => {
        assert.deepEqual(properties({ gpus: "none", ...everything }), [
            "gpuServer",
            "smokeTest",
            "training.gpusPerWorker",
        ]);
        const [server] = rehearsalProblems({ gpus: "none", gpuServer: true });
        assert.deepEqual(server, {
            property: "gpuServer",
            given: true,
            allowed: 'nothing with gpus "none"',
            fix: 'remove it, or choose gpus "simulated"',
        });
    });

    it("may be anything with simulated GPUs, and nothing that needs one without", () => {
        for (const gpus of [undefined, "simulated"] as const) {
            assert.deepEqual(properties({ gpus, ...everything }), []);
        }
        assert.deepEqual(properties({ gpus: "none" }), []);
        assert.deepEqual(properties({ gpus: "none", gpuServer: false, smokeTest: false }), []);
        assert.deepEqual(properties({ gpus: "none", training: { enabled: true, gpusPerWorker: 0 } }), []);
        assert.deepEqual(properties({ gpus: "none", training: { gpusPerWorker: 2 } }), []);
    });

    it("is a server that nothing could scale with the fake GPU operator's GPUs", () => {
        assert.deepEqual(properties({ gpus: "fake-gpu-operator", ...everything }), ["gpuServer"]);
    });

    for (const target of ["dev", "kind"]) {
        it(`is refused on ${target} together with everything else that is wrong`, () => {
            const raw = {
                target,
                gpus: "none",
                gpuServer: "true",
                smokeTest: "true",
                queue: '{"maxReplicas":0}',
            };
            assert.throws(
                () => parseConfig(raw, around),
                ({ message }: Error) =>
                    ["gpuServer", "smokeTest", "queue.maxReplicas"].every((property) =>
                        message.includes(`${property}: was given`),
                    ),
            );
        });
    }

    it("says the same of dev and kind, but that dev has no chart of an operator", () => {
        const raw = { target: "dev", gpus: "fake-gpu-operator" };
        assert.throws(() => parseConfig(raw, around), /^gpus: was given .*; allowed: simulated or none; /m);
        assert.equal(parseConfig({ ...raw, target: "kind" }, around).target, "kind");
    });
});
