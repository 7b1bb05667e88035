import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GpuNodes } from "../../components/gpu/gpu-nodes";
import { VectorAdd, validateVectorAdd, vectorAddJobName } from "../../components/gpu/vector-add";
import { cudaScript, vectorAddSpec } from "../../components/gpu/vector-add/pod";
import { images } from "../../components/images";
import { type Recorded, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const namespace = "smoke";

describe("VectorAdd", () => {
    it("accepts the defaults and the bounds", () => {
        assert.deepEqual(validateVectorAdd({ namespace }), []);
        const least = { repeatSeconds: 0, retries: 0, deadlineSeconds: 60, ttlSeconds: 0 };
        assert.deepEqual(validateVectorAdd({ namespace, ...least }), []);
    });

    it("reports every argument that is out of range", () => {
        const problems = validateVectorAdd({
            namespace,
            app: "V",
            repeatSeconds: -1,
            retries: 101,
            deadlineSeconds: 59,
            ttlSeconds: 0.5,
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["app", "repeatSeconds", "retries", "deadlineSeconds", "ttlSeconds"],
        );
    });

    it("refuses a name to which no hash can be added, and a deadline before its end", () => {
        const problems = validateVectorAdd({
            namespace,
            app: "v".repeat(51),
            repeatSeconds: 600,
            deadlineSeconds: 600,
        });
        assert.deepEqual(
            problems.map(({ property, allowed }) => [property, allowed]),
            [
                ["app", "at most 50 letters, as the names of its pods are longer"],
                ["deadlineSeconds", "more than repeatSeconds, 600"],
            ],
        );
    });

    it("is tried again, each time as a pod of its own, and not forever", () => {
        const spec = vectorAddSpec("v", { repeatSeconds: 60 }, images, undefined);
        assert.equal(spec.backoffLimit, 3);
        assert.equal(spec.activeDeadlineSeconds, 1860);
        assert.equal("ttlSecondsAfterFinished" in spec, false);
        const other = vectorAddSpec(
            "v",
            { retries: 0, deadlineSeconds: 90, ttlSeconds: 5 },
            images,
            undefined,
        );
        const { backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished } = other;
        assert.deepEqual([backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished], [0, 90, 5]);
    });

    it("has another name when it is to run again", () => {
        const name = vectorAddJobName("v", {});
        assert.match(name, /^v-[0-9a-f]{10}$/);
        assert.equal(vectorAddJobName("v", { repeatSeconds: 0 }), name);
        for (const args of [
            { repeatSeconds: 1 },
            { simulated: true },
            { images: { cudaSample: "other:1" } },
        ]) {
            assert.notEqual(vectorAddJobName("v", args), name);
        }
    });

    describe("resources", () => {
        let recording: Recording;
        const job = (name: string) =>
            recording.resources.find((r: Recorded) => r.kind === "Job" && r.name === name)?.inputs;

        before(async () => {
            recording = await record(() => {
                const nodes = new GpuNodes("nodes", {
                    nodes: { kind: "existing", labels: { gpu: "yes" }, taints: [] },
                    runtimeClassName: "nvidia",
                });
                new VectorAdd("real", { namespace, placement: nodes.podPlacement().pod });
                new VectorAdd("plain", { namespace, app: "plain", wait: false });
                new VectorAdd("played", { namespace, app: "played", simulated: true, repeatSeconds: 30 });
            });
        });

        it("keep to the restricted level, with requests, limits and one GPU", () => {
            for (const name of ["real", "plain", "played"]) {
                const pod = job(name).spec.template.spec;
                assert.deepEqual(violations(pod), []);
                assert.deepEqual(missingResources(pod.containers[0]), []);
                assert.equal(pod.containers[0].resources.limits["nvidia.com/gpu"], "1");
                assert.equal(pod.restartPolicy, "Never");
            }
        });

        it("land where they are told, else on any node with GPUs", () => {
            const { nodeSelector, runtimeClassName } = job("real").spec.template.spec;
            assert.deepEqual([nodeSelector, runtimeClassName], [{ gpu: "yes" }, "nvidia"]);
            const plain = job("plain").spec.template.spec;
            assert.deepEqual(plain.tolerations, [
                { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
            ]);
            assert.equal(plain.nodeSelector, undefined);
        });

        it("are waited for, unless they are not to be", () => {
            assert.deepEqual(job("real").metadata.annotations, {});
            assert.deepEqual(job("plain").metadata.annotations, { "pulumi.com/skipAwait": "true" });
        });

        it("run NVIDIA's sample, and where GPUs are simulated a program that says so", () => {
            const [real] = job("real").spec.template.spec.containers;
            assert.equal(real.image, images.cudaSample);
            assert.deepEqual(real.command, ["/bin/sh", "-c", cudaScript]);
            const { metadata, spec } = job("played").spec.template;
            const [played] = spec.containers;
            assert.equal(played.image, images.python);
            assert.equal(played.command.at(-1), "/app/vector_add.py");
            assert.deepEqual(played.env[0], { name: "REPEAT_SECONDS", value: "30" });
            assert.deepEqual(metadata.annotations, { "pulumi-kube-observability/simulated-gpu-load": "100" });
            assert.equal(job("real").spec.template.metadata.annotations, undefined);
        });
    });

    describe("the shell's part", () => {
        let home: string;
        before(() => {
            home = mkdtempSync(join(tmpdir(), "vector-add-"));
        });
        after(() => rmSync(home, { recursive: true }));

        /** Runs it with a program in place of NVIDIA's. */
        function run(sample: string, seconds: string) {
            const program = join(home, "vectorAdd");
            writeFileSync(program, `#!/bin/sh\n${sample}\n`);
            chmodSync(program, 0o755);
            const script = cudaScript.replaceAll("/cuda-samples/vectorAdd", program);
            const env = { PATH: process.env.PATH, REPEAT_SECONDS: seconds };
            const { status, stdout } = spawnSync("/bin/sh", ["-c", script], { env, encoding: "utf8" });
            return [status, stdout];
        }

        it("runs the sample once", () => {
            assert.deepEqual(run("echo Test PASSED", "0"), [0, "Test PASSED\nadded 1 times\n"]);
        });

        it("repeats it, and shows once what it says", () => {
            const [status, said] = run("echo Test PASSED; sleep 0.3", "2");
            assert.equal(status, 0);
            assert.match(String(said), /^Test PASSED\nadded [3-9] times\n$/);
        });

        it("fails with it, and says what it said", () => {
            assert.deepEqual(run("echo no CUDA device >&2; exit 3", "5"), [3, "no CUDA device\n"]);
        });
    });
});
