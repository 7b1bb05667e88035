import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parseConfig, readConfig, type Surroundings } from "../../stacks/config";

const surroundings: Surroundings = {
    env: { KUBECONFIG: "/env/kubeconfig" },
    fileExists: (path) => ["/env/kubeconfig", "/own/kubeconfig"].includes(path),
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
            messageOf(raw, { env: {}, fileExists: () => false }),
            `The configuration of the stack has problems:
monitoring.scrapeInterval: was given "15"; allowed: a Prometheus duration such as 15s; do: correct pulumi-kube-observability:monitoring.scrapeInterval in Pulumi.<stack>.yaml
monitoring.retension: was given "1d"; allowed: the keys scrapeInterval, retention; do: correct the name of the key or remove it from Pulumi.<stack>.yaml
queue.maxReplicas: was given 0; allowed: a whole number from 1 to 1000; do: correct pulumi-kube-observability:queue.maxReplicas in Pulumi.<stack>.yaml
queue.itemsPerReplica: was given "20"; allowed: a whole number from 1 to 1000000; do: correct pulumi-kube-observability:queue.itemsPerReplica in Pulumi.<stack>.yaml
queue.secondsPerMessage: was given 60; allowed: a number from 0 to 20; do: correct pulumi-kube-observability:queue.secondsPerMessage in Pulumi.<stack>.yaml
clusterName: was given "x"; allowed: the keys target, kubeconfig, monitoring, queue; do: correct the name of the key or remove it from Pulumi.<stack>.yaml
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
