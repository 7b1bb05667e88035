import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "../../stacks/config";
import { dev } from "../../stacks/dev";
import { gpuCloudPlan } from "../../stacks/gpu-cloud";
import { kindPlan } from "../../stacks/kind";
import { llmReason } from "../../stacks/llm";
import { namespacesOf, planProblems } from "../../stacks/plan";
import type { GpuCloudConfig, KindConfig } from "../../stacks/schema";
import { object, promiseOf, record } from "./support/mocks";

const noFacts = { apiServices: [] };
const unset = { chartVersions: {}, monitoring: {}, queue: {} };

const kindLlm = (llm: KindConfig["llm"]) => kindPlan({ ...unset, llm }, noFacts);
const cloudLlm = (llm: GpuCloudConfig["llm"], others: Partial<GpuCloudConfig> = {}) => {
    const cloud = { ...unset, domain: "example.com", logging: {}, gpu: {}, nodes: {} };
    return gpuCloudPlan({ ...cloud, ...others, llm }, noFacts);
};

describe("the language model of the stacks", () => {
    it("is there where it is switched on, and nowhere else", () => {
        for (const llm of [undefined, {}, { enabled: false }, { slots: 2 }]) {
            assert.equal(kindLlm(llm).llm, undefined);
            assert.equal(cloudLlm(llm).llm, undefined);
        }
        assert.match(llmReason(undefined), /switched off .*:llm\.enabled\)$/);
        for (const plan of [kindLlm({ enabled: true }), cloudLlm({ enabled: true })]) {
            assert.ok(plan.llm);
            assert.ok(namespacesOf(plan).includes("llm"));
            assert.deepEqual(planProblems(plan), []);
            assert.match(llmReason(plan.llm), /kubectl --namespace llm port-forward service\/llm-proxy/);
        }
    });

    it("is Ollama on kind; on a cloud vLLM where the GPUs are, with volumes of the stack's class", () => {
        assert.equal(kindLlm({ enabled: true }).llm?.server.engine, "ollama");
        const nodes = {
            source: "karpenter",
            maxGpus: 4,
            nodeClass: { group: "g", kind: "k", name: "n" },
        } as const;
        const { server } = cloudLlm({ enabled: true }, { storageClass: "fast", nodes }).llm ?? assert.fail();
        assert.deepEqual([server.engine, server.gpus, server.storage?.storageClass], ["vllm", 1, "fast"]);
        assert.ok(Object.keys(server.placement?.nodeSelector ?? {}).length > 0);
        const ollama = cloudLlm({ enabled: true, engine: "ollama" }).llm?.server;
        assert.deepEqual([ollama?.gpus, ollama?.placement], [undefined, undefined]);
    });

    it("is scaled from zero, or from one, to as many as its proxy has room for", () => {
        const { server, scaling } = kindLlm({ enabled: true, maxReplicas: 7, slots: 2 }).llm ?? assert.fail();
        assert.deepEqual([scaling.minReplicas, scaling.maxReplicas, server.proxy?.maxServers], [0, 7, 7]);
        assert.deepEqual(scaling.target, { kind: "StatefulSet", name: "llm", namespace: "llm" });
        assert.equal(server.autoscaled, true);
        assert.equal(kindLlm({ enabled: true, minReplicas: 1 }).llm?.scaling.minReplicas, 1);
        assert.deepEqual(scaling.pace, { cooldownSeconds: 300 });
        assert.deepEqual(kindLlm({ enabled: true, cooldownSeconds: 20 }).llm?.scaling.pace, {
            cooldownSeconds: 20,
        });
    });

    it("refuses a token of Hugging Face that nobody would use, by the name of the key", () => {
        const huggingFaceToken = { name: "hugging-face", key: "token" };
        assert.deepEqual(planProblems(cloudLlm({ enabled: true, huggingFaceToken })), []);
        const [problem] = planProblems(cloudLlm({ enabled: true, engine: "ollama", huggingFaceToken }));
        assert.equal(problem?.property, "llm.huggingFaceToken");
    });

    it("is the simulator on dev, whose proxy is reached on this machine", async () => {
        const raw = { target: "dev", llm: '{"enabled":true,"slots":2,"tokensPerSecond":20,"maxReplicas":3}' };
        const config = parseConfig(raw, {
            env: { KUBECONFIG: "/a/kubeconfig" },
            fileExists: () => true,
            contextsOf: () => [],
        });
        assert.equal(config.target, "dev");
        let url: unknown;
        const recording = await record(() => {
            url = dev(config as Parameters<typeof dev>[0]).llmUrl;
        });
        assert.equal(await promiseOf(pulumi.output(url)), "http://127.0.0.1:11434");
        const [container] = object(recording, "Deployment", "llm").inputs.spec.template.spec.containers;
        const env = Object.fromEntries(
            container.env.map(({ name, value }: Record<string, string>) => [name, value]),
        );
        assert.deepEqual(
            [env.OLLAMA_NUM_PARALLEL, env.TOKENS_PER_SECOND, env.MEAN_TOKENS],
            ["2", "20", "100"],
        );
        assert.match(container.image, /^localhost\/python:/);
        assert.equal("replicas" in object(recording, "Deployment", "llm").inputs.spec, false);
        const scaled = object(recording, "ScaledObject", "llm").inputs.spec;
        assert.deepEqual([scaled.minReplicaCount, scaled.maxReplicaCount], [0, 3]);
        const images = recording.resources
            .filter(({ inputs }) => inputs.metadata?.namespace === "llm" && inputs.spec?.template)
            .flatMap(({ inputs }) => inputs.spec.template.spec.containers)
            .map(({ image }: { image: string }) => image);
        for (const image of images) assert.match(image, /^localhost\//);
    });
});
