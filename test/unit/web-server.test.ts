import assert from "node:assert/strict";
import { contentHash } from "../../components/content-hash";
import { images } from "../../components/images";
import {
    validateWebServer,
    WebServer,
    webServerFiles,
    webServerOpenings,
} from "../../components/workloads/web-server";
import { graceSeconds, webServerSpec } from "../../components/workloads/web-server/pod";
import { object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const namespace = "scale";

describe("WebServer", () => {
    it("accepts the defaults and the bounds", () => {
        assert.deepEqual(validateWebServer({ namespace }), []);
        const least = {
            slots: 1,
            serviceSeconds: 0,
            cpuMilliseconds: 0,
            memoryMiB: 0,
            replicas: 0,
            drainSeconds: 0,
        };
        assert.deepEqual(validateWebServer({ namespace, ...least }), []);
    });

    it("reports every argument that is out of range", () => {
        const problems = validateWebServer({
            namespace,
            app: "W",
            slots: 0,
            serviceSeconds: 601,
            distribution: "normal" as "constant",
            cpuMilliseconds: -1,
            memoryMiB: 1.5,
            replicas: -1,
            cpu: ["1x", "2"],
            memory: ["1", "2 GB"],
            gpus: 0,
            drainSeconds: 601,
            scrapeInterval: "5",
            nodePort: 80,
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            [
                "app",
                "slots",
                "serviceSeconds",
                "distribution",
                "cpuMilliseconds",
                "memoryMiB",
                "replicas",
                "cpu[0]",
                "memory[1]",
                "gpus",
                "drainSeconds",
                "scrapeInterval",
                "nodePort",
            ],
        );
    });

    it("refuses replicas where an autoscaler owns them, and then sets none", () => {
        const [problem] = validateWebServer({ namespace, autoscaled: true, replicas: 2 });
        assert.equal(problem?.property, "replicas");
        assert.equal("replicas" in webServerSpec("web", { autoscaled: true }, images, "s"), false);
        assert.equal(webServerSpec("web", {}, images, "s").replicas, 1);
    });

    it("leaves time to drain and for the longest request, before and in a slot", () => {
        assert.equal(graceSeconds({}), 5 + 2 + 15);
        assert.equal(graceSeconds({ drainSeconds: 10, serviceSeconds: 3 }), 10 + 60 + 15);
    });

    it("lets in everybody, or those that are named, each by a policy of its own", () => {
        assert.deepEqual(
            webServerOpenings("api").map(({ name, peer, ports }) => [name, peer, ports]),
            [["api-in", "anywhere", [8080]]],
        );
        const peers = [{ namespace: "monitoring" }, { namespace: "shop" }];
        assert.deepEqual(
            webServerOpenings("api", peers).map(({ name, peer }) => [name, peer]),
            [
                ["api-in", peers[0]],
                ["api-in-1", peers[1]],
            ],
        );
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(() => {
                new WebServer("w", {
                    namespace,
                    app: "api",
                    autoscaled: true,
                    gpus: 2,
                    slots: 7,
                    serviceSeconds: 0.5,
                });
                new WebServer("plain", { namespace, app: "plain", nodePort: 30100, scrapeInterval: "1s" });
            });
        });

        it("keep to the restricted level, with requests and limits", () => {
            for (const app of ["api", "plain"]) {
                const pod = object(recording, "Deployment", app).inputs.spec.template.spec;
                assert.deepEqual(violations(pod), []);
                assert.deepEqual(missingResources(pod.containers[0]), []);
            }
        });

        it("start another pod when the program changes", () => {
            const { volumes } = object(recording, "Deployment", "api").inputs.spec.template.spec;
            const name = `api-${contentHash(JSON.stringify(webServerFiles()))}`;
            assert.equal(volumes[0].configMap.name, name);
            assert.equal(object(recording, "ConfigMap", name).inputs.immutable, true);
        });

        it("ask for GPUs and say where it is answered how busy they are", () => {
            const { metadata, spec } = object(recording, "Deployment", "api").inputs.spec.template;
            assert.equal(spec.containers[0].resources.limits["nvidia.com/gpu"], "2");
            assert.deepEqual(metadata.annotations, {
                "pulumi-kube-observability/simulated-gpu-load": "8080/load",
            });
            const plain = object(recording, "Deployment", "plain").inputs.spec.template;
            assert.equal("nvidia.com/gpu" in plain.spec.containers[0].resources.limits, false);
            assert.equal(plain.metadata.annotations, undefined);
        });

        it("tell the program what a request costs", () => {
            const { env } = object(recording, "Deployment", "api").inputs.spec.template.spec.containers[0];
            const values = Object.fromEntries(
                env.map(({ name, value }: Record<string, string>) => [name, value]),
            );
            assert.equal(values.SLOTS, "7");
            assert.equal(values.SERVICE_SECONDS, "0.5");
            assert.equal(values.DISTRIBUTION, "constant");
        });

        it("wait for no address where there may be no replica", () => {
            const skip = { "pulumi.com/skipAwait": "true" };
            assert.deepEqual(object(recording, "Service", "api").inputs.metadata.annotations, skip);
            const plain = object(recording, "Service", "plain").inputs;
            assert.deepEqual(plain.metadata.annotations, {});
            assert.equal(plain.spec.ports[0].nodePort, 30100);
        });

        it("are scraped by their pods, and of that the few series that say something", () => {
            const [endpoint] = object(recording, "PodMonitor", "plain").inputs.spec.podMetricsEndpoints;
            assert.equal(endpoint.interval, "1s");
            const keep = new RegExp(`^(?:${endpoint.metricRelabelings[0].regex})$`);
            assert.match("http_requests_total", keep);
            assert.doesNotMatch("python_info", keep);
        });
    });
});
