import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parseConfig, readConfig, type Surroundings } from "../../stacks/config";
import type { KindConfig } from "../../stacks/schema";

const surroundings: Surroundings = {
    env: { KUBECONFIG: "/env/kubeconfig" },
    fileExists: (path) => ["/env/kubeconfig", "/own/kubeconfig", "/a/directory"].includes(path),
    contextsOf: (path) => (path.endsWith("/kubeconfig") ? ["kind-observability", "gpus"] : undefined),
};

/** What each target made of charts needs at least. */
const least = {
    kind: { target: "kind" },
    "gpu-cloud": { target: "gpu-cloud", context: "gpus", domain: "example.com" },
};

function messageOf(raw: Record<string, string>, around: Surroundings = surroundings): string {
    try {
        parseConfig(raw, around);
    } catch (error) {
        assert.ok(pulumi.RunError.isInstance(error), `not for users: ${error}`);
        return error.message;
    }
    return assert.fail("the configuration was accepted");
}

describe("configuration", () => {
    it("needs a target only, and takes the kubeconfig of the environment", () => {
        assert.deepEqual(parseConfig({ target: "dev" }, surroundings), {
            target: "dev",
            kubeconfig: "/env/kubeconfig",
            monitoring: {},
            queue: {},
        });
    });

    it("prefers its own kubeconfig to the environment's", () => {
        const { kubeconfig } = parseConfig({ target: "dev", kubeconfig: "/own/kubeconfig" }, surroundings);
        assert.equal(kubeconfig, "/own/kubeconfig");
    });

    it("passes every value on", () => {
        const monitoring = { scrapeInterval: "30s", retention: "2d" };
        const queue = {
            maxReplicas: 5,
            itemsPerReplica: 10,
            cooldownSeconds: 0,
            pollingSeconds: 2,
            secondsPerMessage: 0.5,
        };
        const raw = { target: "dev", monitoring: JSON.stringify(monitoring), queue: JSON.stringify(queue) };
        const config = parseConfig(raw, surroundings);
        assert.deepEqual(config.monitoring, monitoring);
        assert.deepEqual(config.queue, queue);
    });

    it("reports all problems at once, each with what was given, what is allowed and what to do", () => {
        const raw = {
            target: "dev",
            clusterName: "x",
            monitoring: '{"scrapeInterval":"15","retension":"1d"}',
            queue: '{"maxReplicas":0,"itemsPerReplica":"20","secondsPerMessage":60}',
        };
        assert.equal(
            messageOf(raw, { ...surroundings, env: {} }),
            `The configuration of the stack has problems:
monitoring.scrapeInterval: was given "15"; allowed: a Prometheus duration such as 15s; do: correct pulumi-kube-observability:monitoring.scrapeInterval in Pulumi.<stack>.yaml
monitoring.retension: was given "1d"; allowed: the keys scrapeInterval, retention; do: correct the name of the key or remove it from Pulumi.<stack>.yaml
queue.maxReplicas: was given 0; allowed: a whole number from 1 to 1000; do: correct pulumi-kube-observability:queue.maxReplicas in Pulumi.<stack>.yaml
queue.itemsPerReplica: was given "20"; allowed: a whole number from 1 to 1000000; do: correct pulumi-kube-observability:queue.itemsPerReplica in Pulumi.<stack>.yaml
queue.secondsPerMessage: was given 60; allowed: a number from 0 to 20; do: correct pulumi-kube-observability:queue.secondsPerMessage in Pulumi.<stack>.yaml
clusterName: was given "x"; allowed: the keys target, kubeconfig, runbooksUrl, monitoring, queue, podinfo, hash, logs, llm, gpus, gpuServer, smokeTest; do: correct the name of the key or remove it from Pulumi.<stack>.yaml
kubeconfig: was given nothing; allowed: the path of a kubeconfig file that exists; do: start a cluster with "make cluster" and set KUBECONFIG to what "make kubeconfig" prints, or set pulumi-kube-observability:kubeconfig`,
        );
    });

    it("asks for the target when there is none", () => {
        assert.match(messageOf({}), /^target: was given nothing; allowed: dev, kind, gpu-cloud; do: /m);
    });

    it("refuses a section that is not an object", () => {
        for (const queue of ["20", "twenty", '["a"]', "null"]) {
            const message = messageOf({ target: "dev", queue });
            assert.match(
                message,
                /^queue: was given .*; allowed: an object with the keys maxReplicas, /m,
                queue,
            );
        }
    });

    it("fills up the sections of a kind stack that says nothing but its target", () => {
        assert.deepEqual(parseConfig(least.kind, surroundings), {
            target: "kind",
            kubeconfig: "/env/kubeconfig",
            chartVersions: {},
            monitoring: {},
            queue: {},
        });
    });

    it("fills up the sections of a gpu-cloud stack that says where it is and no more", () => {
        assert.deepEqual(parseConfig(least["gpu-cloud"], surroundings), {
            ...least["gpu-cloud"],
            kubeconfig: "/env/kubeconfig",
            chartVersions: {},
            monitoring: {},
            logging: {},
            queue: {},
            gpu: {},
            nodes: {},
        });
    });

    it("takes true and false for switches, which Pulumi hands over as text", () => {
        const read = (raw: Record<string, string>) =>
            parseConfig({ ...least.kind, ...raw }, surroundings) as KindConfig;
        assert.deepEqual(
            [read({ mesh: "true" }).mesh, read({ mesh: "false" }).mesh, read({ logging: "false" }).logging],
            [true, false, false],
        );
    });

    it("takes no other word for a switch", () => {
        for (const mesh of ["yes", "True", "1", '"true"', ""]) {
            assert.match(
                messageOf({ ...least.kind, mesh }),
                /^mesh: was given .+; allowed: true or false; do: correct pulumi-kube-observability:mesh /m,
                mesh,
            );
        }
    });

    it("leaves a text as it is, though it looks like a number or a switch", () => {
        const contextsOf = () => ["1234", "true", "null"];
        for (const context of contextsOf()) {
            const config = parseConfig(
                { ...least.kind, context, domain: "1.5" },
                { ...surroundings, contextsOf },
            );
            assert.deepEqual(
                [(config as KindConfig).context, (config as KindConfig).domain],
                [context, "1.5"],
            );
        }
    });

    it("takes sections of any depth from their JSON", () => {
        const nodeClass = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "gpu" };
        const sections = {
            chartVersions: { keda: "2.20.1" },
            gpu: { software: "operator", driver: false, timeSlices: 4 },
            nodes: { source: "karpenter", nodeClass, instanceTypes: ["p5.48xlarge"], maxGpus: 16 },
            monitoring: { objectStorageSecret: { name: "thanos", key: "objstore.yml" } },
            logging: { enabled: false },
        };
        const raw = Object.entries(sections).map(([key, value]) => [key, JSON.stringify(value)]);
        const config = parseConfig({ ...least["gpu-cloud"], ...Object.fromEntries(raw) }, surroundings);
        for (const [key, value] of Object.entries(sections)) {
            assert.deepEqual(config[key as keyof typeof config], value, key);
        }
    });

    it("does not take the keys of one target for those of another", () => {
        assert.match(
            messageOf({ ...least.kind, gpu: "{}" }),
            /^gpu: was given "{}"; allowed: the keys target, /m,
        );
        assert.match(
            messageOf({ ...least["gpu-cloud"], gpus: "none" }),
            /^gpus: was given "none"; allowed: the keys target, /m,
        );
        assert.match(
            messageOf({ target: "dev", mesh: "true" }),
            /^mesh: was given "true"; allowed: the keys target, kubeconfig, runbooksUrl, monitoring, queue, podinfo, hash, logs, llm, gpus, gpuServer, smokeTest; /m,
        );
    });

    it("names the charts whose versions can be set, when another is named", () => {
        assert.match(
            messageOf({ ...least.kind, chartVersions: '{"prometheus":"1.2.3"}' }),
            /^chartVersions\.prometheus: was given "1\.2\.3"; allowed: the keys certManager, .*, traefik; do: /m,
        );
    });

    it("looks for the usual context of kind unless another is named, and for none in the dev stack", () => {
        const elsewhere = { ...surroundings, contextsOf: () => ["mine", "gpus"] };
        assert.match(
            messageOf(least.kind, elsewhere),
            /^context: was given "kind-observability"; allowed: a context of the kubeconfig, which has mine, gpus; /m,
        );
        assert.equal(parseConfig({ ...least.kind, context: "mine" }, elsewhere).target, "kind");
        assert.equal(parseConfig({ target: "dev" }, { ...surroundings, contextsOf: () => [] }).target, "dev");
    });

    it("refuses a path that leads to no kubeconfig, for targets that need a context of it", () => {
        const raw = { ...least.kind, kubeconfig: "/a/directory" };
        const message = messageOf(raw);
        assert.match(
            message,
            /^kubeconfig: was given "\/a\/directory"; allowed: the path of a kubeconfig file; /m,
        );
        assert.doesNotMatch(message, /^context:/m);
    });

    it("says for each target how one gets a kubeconfig", () => {
        const nowhere = { ...surroundings, env: {} };
        assert.match(messageOf({ target: "dev" }, nowhere), /^kubeconfig: .*; do: .*"make cluster"/m);
        assert.match(messageOf(least.kind, nowhere), /^kubeconfig: .*; do: .*"make kind"/m);
        assert.match(messageOf(least["gpu-cloud"], nowhere), /^kubeconfig: .*; do: .*your vendor's program/m);
    });

    it("refuses a kubeconfig that is not there", () => {
        const message = messageOf({ target: "dev", kubeconfig: "/gone" });
        assert.match(
            message,
            /^kubeconfig: was given "\/gone"; allowed: the path of a kubeconfig file that exists; /m,
        );
    });

    it("is read from the keys of the project and no others", () => {
        pulumi.runtime.setAllConfig({
            "pulumi-kube-observability:target": "dev",
            "pulumi-kube-observability:kubeconfig": __filename,
            "pulumi:disable-default-providers": '["kubernetes"]',
            "kubernetes:context": "elsewhere",
        });
        assert.deepEqual(readConfig(), { target: "dev", kubeconfig: __filename, monitoring: {}, queue: {} });
    });
});
