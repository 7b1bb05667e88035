import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { contentHash } from "../../components/content-hash";
import {
    TrainingJob,
    trainingFiles,
    trainingJobOpenings,
    validateTrainingJob,
} from "../../components/gpu/training-job";
import { runName, trainArguments, trainingSpec } from "../../components/gpu/training-job/job";
import { images } from "../../components/images";
import { inOrder, object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const namespace = "training";
const files = trainingFiles();

describe("TrainingJob", () => {
    it("accepts the defaults and the bounds", () => {
        assert.deepEqual(validateTrainingJob({ namespace }), []);
        const least = { workers: 1, gpusPerWorker: 0, steps: 1, batch: 1, checkpointEvery: 1, retries: 0 };
        assert.deepEqual(validateTrainingJob({ namespace, ...least }), []);
    });

    it("reports every argument that is out of range", () => {
        const problems = validateTrainingJob({
            namespace,
            app: "T",
            workers: 0,
            gpusPerWorker: 17,
            data: "cats" as "mnist",
            batch: 0,
            epochs: 0,
            steps: 0,
            checkpointEvery: 0,
            logEvery: 0,
            storage: { size: "1", storageClass: "A" },
            cpu: ["1x", "2"],
            memory: ["1", "2 GB"],
            retries: -1,
            ttlSeconds: -1,
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            [
                "app",
                "workers",
                "gpusPerWorker",
                "data",
                "batch",
                "epochs",
                "steps",
                "epochs",
                "checkpointEvery",
                "logEvery",
                "storage.storageClass",
                "cpu[0]",
                "memory[1]",
                "retries",
                "ttlSeconds",
            ],
        );
    });

    it("refuses a step that needs more examples than there are", () => {
        const of = (args: object) =>
            validateTrainingJob({ namespace, ...args }).map(({ allowed }) => allowed);
        assert.deepEqual(of({ batch: 30000 }), []);
        assert.deepEqual(of({ batch: 30001 }), ["at most 30000: 2 processes share 60000 examples"]);
        assert.deepEqual(of({ batch: 1000, gpusPerWorker: 8, data: "synthetic" }), [
            "at most 750: 16 processes share 12000 examples",
        ]);
    });

    it("refuses simulated GPUs where none are asked for", () => {
        const [problem] = validateTrainingJob({ namespace, simulated: true });
        assert.equal(problem?.property, "simulated");
    });

    it("replaces each worker that is lost, and fails when one is given up", () => {
        const spec = trainingSpec("t", "r", { workers: 3 }, images, "s");
        const { completionMode, completions, parallelism, backoffLimitPerIndex, maxFailedIndexes } = spec;
        assert.deepEqual([completionMode, completions, parallelism], ["Indexed", 3, 3]);
        assert.deepEqual([backoffLimitPerIndex, maxFailedIndexes], [6, 0]);
        assert.equal("backoffLimit" in spec, false);
        assert.deepEqual(spec.podFailurePolicy, {
            rules: [
                { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
                { action: "FailJob", onExitCodes: { operator: "In", values: [2] } },
            ],
        });
    });

    it("gives its program arguments that the program takes", () => {
        const program = join(__dirname, "../../components/apps/training");
        for (const args of [{}, { steps: 5 }, { epochs: 3, data: "synthetic", gpusPerWorker: 1 }] as const) {
            const code = "import json, sys, train; print(json.dumps(vars(train.arguments(sys.argv[1:]))))";
            const { status, stdout, stderr } = spawnSync(
                "python3",
                ["-B", "-c", code, ...trainArguments(args)],
                {
                    env: { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONPATH: program },
                    encoding: "utf8",
                },
            );
            assert.equal(status, 0, stderr);
            const taken = JSON.parse(stdout);
            assert.equal(taken.checkpoint, "/checkpoint");
            assert.equal(taken.steps, "steps" in args ? args.steps : null);
            assert.equal(taken.device, "gpusPerWorker" in args ? "gpu" : "cpu");
        }
    });

    it("is another run when it trains otherwise, and the same when only its room changes", () => {
        const name = (args: object) => runName("t", args, files);
        assert.equal(name({}), name({ cpu: ["2", "4"], retries: 3 }));
        for (const args of [{ steps: 10 }, { workers: 3 }, { data: "synthetic" }]) {
            assert.notEqual(name(args), name({}));
        }
        assert.notEqual(runName("t", {}, { ...files, "train.py": "" }), name({}));
    });

    it("opens its workers to each other, and the way to MNIST where that is needed", () => {
        const pods = { "app.kubernetes.io/name": "digits" };
        assert.deepEqual(
            trainingJobOpenings("digits", "synthetic").map(({ direction, pods, peer, ports }) => ({
                direction,
                pods,
                peer,
                ports,
            })),
            [
                { direction: "ingress", pods, peer: { pods }, ports: undefined },
                { direction: "egress", pods, peer: { pods }, ports: undefined },
            ],
        );
        assert.deepEqual(trainingJobOpenings().at(-1)?.ports, [443]);
    });

    describe("resources", () => {
        let recording: Recording;
        const pod = (app: string) => object(recording, "Job", app).inputs.spec.template.spec;
        const variables = (app: string) =>
            Object.fromEntries(
                pod(app).containers[0].env.map((v: { name: string; value?: string }) => [
                    v.name,
                    v.value ?? v,
                ]),
            );

        before(async () => {
            recording = await record(
                () => {
                    new TrainingJob("cpu", { namespace });
                    new TrainingJob("gpu", {
                        namespace,
                        app: "gpu",
                        gpusPerWorker: 4,
                        storage: { shared: true, size: "5Gi", storageClass: "files" },
                    });
                    new TrainingJob("played", {
                        namespace,
                        app: "played",
                        gpusPerWorker: 1,
                        simulated: true,
                    });
                },
                ({ kind }) => kind === "Service",
            );
        });

        it("keep to the restricted level, with requests and limits", () => {
            for (const app of ["training", "gpu", "played"]) {
                assert.deepEqual(violations(pod(app)), []);
                assert.deepEqual(missingResources(pod(app).containers[0]), []);
                assert.equal(pod(app).restartPolicy, "Never");
            }
        });

        it("give each worker a name that the others find before it is ready", () => {
            const { spec } = object(recording, "Service", "training").inputs;
            assert.equal(spec.clusterIP, "None");
            assert.equal(spec.publishNotReadyAddresses, true);
            assert.deepEqual(
                spec.selector,
                object(recording, "Job", "training").inputs.spec.template.metadata.labels,
            );
            assert.equal(pod("training").subdomain, "training");
            assert.equal(variables("training").RENDEZVOUS, "training-0.training:29400");
            assert.ok(inOrder(recording, "Service cpu", "Job cpu"));
        });

        it("are not waited for: a training takes as long as it takes, and a claim may wait for a pod", () => {
            for (const kind of ["Job", "PersistentVolumeClaim", "Service"]) {
                const { annotations } = object(recording, kind, "training").inputs.metadata;
                assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
            }
        });

        it("keep the checkpoint on a volume: workers on one node, or anywhere where it is shared", () => {
            const claim = (app: string) => object(recording, "PersistentVolumeClaim", app).inputs.spec;
            assert.deepEqual(claim("training"), {
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: "1Gi" } },
            });
            assert.deepEqual(claim("gpu"), {
                accessModes: ["ReadWriteMany"],
                storageClassName: "files",
                resources: { requests: { storage: "5Gi" } },
            });
            const [term] =
                pod("training").affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
            assert.equal(term.topologyKey, "kubernetes.io/hostname");
            assert.deepEqual(term.labelSelector.matchLabels, { "app.kubernetes.io/name": "training" });
            assert.equal(pod("gpu").affinity, undefined);
            const mounted = pod("training").volumes.find(
                ({ name }: { name: string }) => name === "checkpoint",
            );
            assert.deepEqual(mounted.persistentVolumeClaim, { claimName: "training" });
        });

        it("train on GPUs that are there, with a process for each, and on the CPU where they are not", () => {
            const [gpu] = pod("gpu").containers;
            assert.equal(gpu.resources.limits["nvidia.com/gpu"], "4");
            assert.equal(gpu.command.at(gpu.command.indexOf("--device") + 1), "gpu");
            assert.equal(variables("gpu").PROCESSES, "4");
            assert.equal("NVIDIA_VISIBLE_DEVICES" in variables("gpu"), false);
            const [played] = pod("played").containers;
            assert.equal(played.resources.limits["nvidia.com/gpu"], "1");
            assert.equal(played.command.at(played.command.indexOf("--device") + 1), "cpu");
            const [cpu] = pod("training").containers;
            assert.equal("nvidia.com/gpu" in cpu.resources.limits, false);
            for (const app of ["training", "played"]) {
                assert.equal(variables(app).NVIDIA_VISIBLE_DEVICES, "void");
                assert.equal(
                    variables(app).OMP_NUM_THREADS.valueFrom.resourceFieldRef.resource,
                    "limits.cpu",
                );
            }
        });

        it("start another pod when the program changes", () => {
            const { configMap } = pod("training").volumes[0];
            assert.equal(configMap.name, `training-${contentHash(JSON.stringify(files))}`);
            assert.deepEqual(Object.keys(files).sort(), [
                "agent.py",
                "attempts.py",
                "checkpoint.py",
                "digits.py",
                "train.py",
                "worker.py",
            ]);
        });
    });
});
