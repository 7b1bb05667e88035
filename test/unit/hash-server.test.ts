import assert from "node:assert/strict";
import { contentHash } from "../../components/content-hash";
import {
    HashServer,
    hashFiles,
    hashOpenings,
    validateHashServer,
} from "../../components/workloads/hash-server";
import {
    graceSeconds,
    hashBytes,
    hashResources,
    hashSeconds,
} from "../../components/workloads/hash-server/pod";
import { hashScaling } from "../../components/workloads/hash-server/scaling";
import { inOrder, named, object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const ingress = { className: "traefik", host: "hash.example.com", clusterIssuer: "ca" };
const wrong = (args: object) => validateHashServer(args).map(({ property }) => property);

describe("HashServer", () => {
    it("accepts the defaults and the bounds", () => {
        assert.deepEqual(validateHashServer({}), []);
        const least = { n: 2, r: 1, p: 1, slots: 1, utilization: 1, maxReplicas: 1, load: { rate: 0.01 } };
        assert.deepEqual(validateHashServer(least), []);
        const most = { n: 2 ** 20, r: 8, p: 1024, memory: ["1Gi", "2Gi"], maxReplicas: 1000 } as const;
        assert.deepEqual(validateHashServer(most), []);
    });

    it("refuses what is out of range, all at once", () => {
        const given = {
            namespace: "No",
            n: 1000,
            r: 65,
            p: 0,
            slots: 0,
            cpu: ["1x", "2"],
            memory: ["1", "2 GB"],
            utilization: 0,
            maxReplicas: 0,
            scrapeInterval: "often",
            nodePort: 80,
            ingress: { className: "", host: "https://a" },
            load: { rate: 501, seconds: 0, connections: 0, timeoutSeconds: 0, run: 0 },
        };
        assert.deepEqual(wrong(given), [
            "namespace",
            "n",
            "r",
            "p",
            "slots",
            "memory[1]",
            "cpu[0]",
            "utilization",
            "maxReplicas",
            "scrapeInterval",
            "nodePort",
            "ingress.className",
            "ingress.host",
            "load.rate",
            "load.seconds",
            "load.connections",
            "load.timeoutSeconds",
            "load.run",
        ]);
    });

    it("refuses hashes that do not fit into a pod's memory, or into the program's", () => {
        assert.equal(hashBytes({}), 10 * 2 ** 20);
        // 10 MiB for each hash and 20 for the program.
        assert.deepEqual(validateHashServer({ slots: 10, memory: ["32Mi", "120Mi"] }), []);
        const [problem] = validateHashServer({ slots: 11, memory: ["32Mi", "120Mi"] });
        assert.deepEqual(
            [problem?.property, problem?.given, problem?.allowed],
            ["memory[1]", "120Mi", "at least 130Mi: each of the slots takes 128 * n * r bytes"],
        );
        const [huge] = validateHashServer({ n: 2 ** 20, r: 9, memory: ["1Gi", "64Gi"] });
        assert.deepEqual(
            [huge?.property, huge?.allowed],
            ["r", "at most 8 with n 1048576: 1 GiB for a hash"],
        );
    });

    it("has time to end for a hash after one that it waited for, whatever a hash costs", () => {
        // Twice the 0.3 s of CPU that were measured, at a limit of 200m.
        assert.equal(hashSeconds({}), 3);
        assert.equal(graceSeconds({}), 60);
        assert.equal(graceSeconds({ p: 500 }), 5 + 300 + 15);
        assert.equal(graceSeconds({ n: 2 ** 19, r: 8 }), 5 + Math.ceil((2 * 3 * 32 * 8) / 5) + 15);
        // Slots share the CPU, and one hash uses no more than a core.
        assert.equal(graceSeconds({ p: 100, slots: 4, cpu: ["1", "2"] }), 60);
        assert.equal(graceSeconds({ p: 500, slots: 4, cpu: ["1", "2"] }), 5 + 120 + 15);
        assert.equal(graceSeconds({ p: 500, cpu: ["1", "8"] }), 5 + 60 + 15);
        assert.ok(Number.isFinite(graceSeconds({ cpu: ["0", "0"] })));
    });

    it("is scaled on its CPU at 50 % of what it asks for, from 1 to 10, by its own container", () => {
        const { signals, target, minReplicas, maxReplicas } = hashScaling({});
        assert.deepEqual([minReplicas, maxReplicas], [1, 10]);
        assert.deepEqual(target, {
            namespace: "hash",
            name: "hash",
            containers: [{ name: "hash", resources: { requests: { cpu: "100m", memory: "32Mi" } } }],
        });
        assert.deepEqual(
            signals.map(({ kind, target, targetType }) => [kind, target, targetType]),
            [["cpu", 50, "Utilization"]],
        );
        assert.equal(hashScaling({ utilization: 70 }).signals[0]?.target, 70);
    });

    it("asks for half of what it gets, unless told otherwise", () => {
        assert.deepEqual(hashResources({}), {
            requests: { cpu: "100m", memory: "32Mi" },
            limits: { cpu: "200m", memory: "128Mi" },
        });
        assert.deepEqual(hashResources({ cpu: ["200m", "1"] }).requests, { cpu: "200m", memory: "32Mi" });
    });

    it("lets everybody in, and nobody out but the load on it", () => {
        const openings = (args: object) => hashOpenings(args).map(({ name }) => name);
        assert.deepEqual(openings({}), ["clients"]);
        assert.deepEqual(openings({ ingress, load: { rate: 1 } }), [
            "clients",
            "acme-solver-from-anywhere",
            "hash-load-out",
        ]);
        const [out] = hashOpenings({ load: { rate: 1 } }).filter(({ direction }) => direction === "egress");
        assert.deepEqual(out?.peer, { pods: { "app.kubernetes.io/name": "hash" } });
        assert.deepEqual(out?.pods, { "app.kubernetes.io/name": "hash-load" });
    });

    describe("resources", () => {
        let recording: Recording;
        let server: HashServer | undefined;
        before(async () => {
            recording = await record(
                () => {
                    server = new HashServer("h", {
                        n: 1024,
                        p: 1024,
                        slots: 2,
                        nodePort: 30800,
                        ingress,
                        load: { rate: 3, seconds: 90 },
                        scrapeInterval: "1s",
                    });
                },
                ({ kind }) => kind === "Deployment",
            );
        });

        it("are these, by these names", () => {
            const kinds = named(recording).map(([kind, , objectName]) => `${kind} ${objectName}`);
            assert.deepEqual(
                kinds.map((one) => one.replace(/-[0-9a-f]{10}$/, "-…")).sort(),
                [
                    "ConfigMap autoscaler-hash",
                    "ConfigMap hash-load-…",
                    "ConfigMap hash-…",
                    "Deployment hash",
                    "HorizontalPodAutoscaler hash",
                    "Ingress hash",
                    "Job hash-load-…",
                    "Namespace hash",
                    "NetworkPolicy acme-solver-from-anywhere",
                    "NetworkPolicy clients",
                    "NetworkPolicy default-deny",
                    "NetworkPolicy dns",
                    "NetworkPolicy hash-load-out",
                    "PodMonitor hash",
                    "PrometheusRule autoscaler-hash-alerts",
                    "Service hash",
                ].sort(),
            );
            assert.equal(server?.url, "http://hash.hash.svc");
        });

        it("keep to the restricted level, with requests and limits", () => {
            const pod = object(recording, "Deployment", "hash").inputs.spec.template.spec;
            assert.deepEqual(violations(pod), []);
            assert.deepEqual(missingResources(pod.containers[0]), []);
        });

        it("give their pods that time", () => {
            const pod = object(recording, "Deployment", "hash").inputs.spec.template.spec;
            assert.equal(pod.terminationGracePeriodSeconds, 97);
        });

        it("never say how many pods there are", () => {
            assert.equal("replicas" in object(recording, "Deployment", "hash").inputs.spec, false);
        });

        it("tell the program what a hash costs, and start another pod when the program changes", () => {
            const { containers, volumes } = object(recording, "Deployment", "hash").inputs.spec.template.spec;
            const env = containers[0].env.map(({ name, value }: Record<string, string>) => [name, value]);
            assert.deepEqual(Object.fromEntries(env), {
                SCRYPT_N: "1024",
                SCRYPT_R: "5",
                SCRYPT_P: "1024",
                SLOTS: "2",
                DRAIN_SECONDS: "5",
            });
            assert.equal(volumes[0].configMap.name, `hash-${contentHash(JSON.stringify(hashFiles()))}`);
        });

        it("are served by the ingress controller with a certificate of its own", () => {
            const { metadata, spec } = object(recording, "Ingress", "hash").inputs;
            assert.deepEqual(metadata.annotations, { "cert-manager.io/cluster-issuer": "ca" });
            assert.deepEqual(spec.tls, [{ secretName: "hash-tls", hosts: ["hash.example.com"] }]);
            const [path] = spec.rules[0].http.paths;
            assert.deepEqual(path.backend.service, { name: "hash", port: { name: "http" } });
            const [port] = object(recording, "Service", "hash").inputs.spec.ports;
            assert.deepEqual([port.name, port.port, port.nodePort], ["http", 80, 30800]);
        });

        it("are scraped as often as told, and of that the few series that say something", () => {
            const [endpoint] = object(recording, "PodMonitor", "hash").inputs.spec.podMetricsEndpoints;
            assert.equal(endpoint.interval, "1s");
            const keep = new RegExp(`^(?:${endpoint.metricRelabelings[0].regex})$`);
            assert.match("http_request_duration_seconds_bucket", keep);
            assert.doesNotMatch("web_memory_held_bytes", keep);
        });

        it("put load on it once it is there, with the method that it hashes on", () => {
            const job = recording.resources.find(({ kind }) => kind === "Job");
            const { env } = job?.inputs.spec.template.spec.containers[0] ?? {};
            const values = env.map(({ name, value }: Record<string, string>) => [name, value]);
            const { URL: url, METHOD, RATE, SECONDS } = Object.fromEntries(values);
            assert.deepEqual([url, METHOD, RATE, SECONDS], ["http://hash.hash.svc/", "POST", "3", "90"]);
            assert.ok(inOrder(recording, "Deployment h", "Job h-load"));
        });
    });
});
