import assert from "node:assert/strict";
import {
    haproxyArgs,
    QueueingProxy,
    type QueueingProxyArgs,
    queueingProxyOpenings,
    validateQueueingProxy,
} from "../../components/workloads/queueing-proxy";
import { haproxyCfg, mostConnections } from "../../components/workloads/queueing-proxy/haproxy-cfg";
import { proxyRelabelings } from "../../components/workloads/queueing-proxy/monitor";
import { proxyMemory } from "../../components/workloads/queueing-proxy/pod";
import { imageConfig, images } from "../../local/build/images";
import { devImages } from "../../stacks/dev-images";
import { object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const args = { namespace: "scale", app: "llm", slots: 2 };
const cfg = haproxyCfg(haproxyArgs(args));

/** The lines of one section of the configuration. */
function section(name: string, text = cfg): string[] {
    const lines = text.split("\n");
    const begin = lines.indexOf(name);
    assert.notEqual(begin, -1, name);
    const length = lines.slice(begin + 1).findIndex((line) => /^\S/.test(line));
    return lines.slice(begin + 1, length < 0 ? undefined : begin + 1 + length).map((line) => line.trim());
}

/** What relabelling makes of a series of HAProxy: its name and proxy; undefined where it is dropped. */
function relabelled(name: string, proxy: string, server = ""): string | undefined {
    const labels: Record<string, string> = { __name__: name, proxy, server };
    for (const { action, sourceLabels, regex, ...rule } of proxyRelabelings("llm")) {
        const matches = new RegExp(`^(?:${regex})$`).test(
            sourceLabels.map((label) => labels[label]).join(";"),
        );
        if (action === "keep" ? !matches : action === "drop" && matches) return undefined;
        const { targetLabel, replacement } = rule as { targetLabel?: string; replacement?: string };
        if (action === "replace" && matches) labels[targetLabel as string] = replacement as string;
    }
    return `${labels.__name__} ${labels.proxy}`;
}

describe("QueueingProxy", () => {
    it("accepts the defaults and the bounds", () => {
        assert.deepEqual(validateQueueingProxy(args), []);
        assert.deepEqual(
            validateQueueingProxy({ ...args, queueTimeout: "1h", maxServers: 200, maxQueue: 1 }),
            [],
        );
        assert.deepEqual(validateQueueingProxy({ ...args, queueTimeout: "500ms" }), []);
    });

    it("reports every argument that is out of range", () => {
        const problems = validateQueueingProxy({
            namespace: "N",
            app: "A",
            serverPort: 0,
            slots: 0,
            maxServers: 201,
            maxQueue: 0,
            queueTimeout: "61m",
            retryAfterSeconds: 0,
            drainSeconds: 0,
            withoutServersSeconds: 0,
            slowSeconds: 0,
            scrapeInterval: "1",
            nodePort: 1,
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            [
                "namespace",
                "app",
                "serverPort",
                "slots",
                "maxServers",
                "maxQueue",
                "queueTimeout",
                "retryAfterSeconds",
                "drainSeconds",
                "withoutServersSeconds",
                "slowSeconds",
                "scrapeInterval",
                "nodePort",
            ],
        );
        for (const queueTimeout of ["1d", "1w", "10", "0s", "2h"]) {
            assert.equal(validateQueueingProxy({ ...args, queueTimeout }).length, 1, queueTimeout);
        }
    });

    it("has a bound for all requests together, and says how many servers it leaves", () => {
        const most = { ...args, slots: 200, maxServers: 200, maxQueue: 10000 };
        assert.deepEqual(validateQueueingProxy(most), []);
        assert.deepEqual(
            validateQueueingProxy({ ...most, slots: 1000 }).map(({ property, given, allowed }) => [
                property,
                given,
                allowed,
            ]),
            [
                [
                    "maxServers",
                    200,
                    "at most 40 with 1000 slots each and a queue of 10000: one proxy has 50000 requests at a time",
                ],
            ],
        );
        assert.deepEqual(validateQueueingProxy({ ...most, slots: 1000, maxServers: 40 }), []);
        // A connection is two open files; more than systemd's half a million no container may have.
        const { maxconn = "" } =
            /^ {4}maxconn (?<maxconn>\d+)$/m.exec(haproxyCfg(haproxyArgs(most)))?.groups ?? {};
        assert.ok(2 * Number(maxconn) < 524_288, maxconn);
    });

    it("has memory for as many requests as it lets in", () => {
        const limit = (given: Partial<QueueingProxyArgs>) =>
            proxyMemory(mostConnections(haproxyArgs({ ...args, ...given })));
        assert.equal(limit({}), "512Mi");
        assert.equal(limit({ slots: 32 }), "640Mi");
        assert.equal(limit({ slots: 200, maxServers: 200, maxQueue: 10000 }), "12736Mi");
    });

    describe("haproxy.cfg", () => {
        it("sends a server no more than it has slots, and keeps one queue for all", () => {
            const queue = section("backend llm-queue");
            assert.ok(queue.some((line) => /^default-server maxconn 2 /.test(line)));
            assert.ok(queue.includes("server-template server 1-20 llm-servers.scale.svc.cluster.local:8080"));
            assert.ok(section("global").includes("nbthread 1"));
        });

        it("has a full backup that leads back into the queue, so that requests wait at zero servers", () => {
            const queue = section("backend llm-queue");
            assert.ok(queue.includes("server hold abns@llm-held backup no-check maxconn 1"));
            assert.ok(queue.includes("option allbackups"));
            const held = section("frontend llm-held");
            assert.ok(held.includes("bind abns@llm-held"));
            assert.ok(held.includes("default_backend llm-queue"));
            // Who came this way has been let in already.
            assert.equal(held.filter((line) => line.startsWith("http-request")).length, 0);
        });

        it("refuses with 503 and Retry-After: what is too much at once, what waited too long later", () => {
            const small = haproxyCfg(
                haproxyArgs({ ...args, maxQueue: 7, queueTimeout: "30s", retryAfterSeconds: 4 }),
            );
            const full = section("frontend llm-queue", small).find((line) =>
                line.startsWith("http-request return"),
            );
            assert.match(full ?? "", /status 503 .* hdr Retry-After 4 if \{ queue\(llm-queue\) ge 7 \}$/);
            const late = section("backend llm-queue", small).find((line) => line.startsWith("http-error"));
            assert.match(late ?? "", /status 503 .* hdr Retry-After 4$/);
            assert.ok(section("defaults", small).includes("timeout queue 30s"));
        });

        it("tries again only where no connection came about", () => {
            assert.ok(section("defaults").includes("retry-on conn-failure"));
            assert.ok(section("defaults").includes("option redispatch 1"));
        });

        it("keeps the servers that it knows while DNS does not answer, and none that DNS says to be gone", () => {
            const resolvers = section("resolvers cluster");
            for (const state of ["timeout", "refused", "other"])
                assert.ok(resolvers.includes(`hold ${state} 24h`));
            assert.ok(resolvers.includes("hold nx 0s"));
        });

        it("takes no abandoned request to a server", () => {
            assert.ok(section("defaults").includes("option abortonclose"));
        });
    });

    it("runs an image that is stopped by SIGUSR1, as upstream's is: softly", () => {
        const image = images.find(({ name }) => name === devImages.haproxy);
        assert.ok(image);
        const { config } = imageConfig(image, []) as { config: { StopSignal?: string } };
        assert.equal(config.StopSignal, "SIGUSR1");
    });

    describe("series", () => {
        it("are of one proxy: counts of the first stage, the queue and the servers of the second", () => {
            assert.equal(
                relabelled("haproxy_backend_current_queue", "llm-queue"),
                "haproxy_backend_current_queue llm",
            );
            assert.equal(relabelled("haproxy_backend_current_queue", "llm"), undefined);
            const sessions = "haproxy_backend_current_sessions";
            assert.equal(relabelled(sessions, "llm"), `${sessions} llm`);
            assert.equal(relabelled(sessions, "llm-queue"), undefined);
            const requests = "haproxy_frontend_http_requests_total";
            assert.equal(relabelled(requests, "llm"), `${requests} llm`);
            for (const other of ["llm-queue", "llm-held", "llm-metrics"])
                assert.equal(relabelled(requests, other), undefined);
            assert.equal(
                relabelled("haproxy_server_status", "llm-queue", "server1"),
                "haproxy_server_status llm",
            );
        });

        it("are none of the way back into the queue, and few", () => {
            assert.equal(relabelled("haproxy_server_current_sessions", "llm-queue", "hold"), undefined);
            assert.equal(relabelled("haproxy_backend_bytes_in_total", "llm"), undefined);
        });
    });

    it("opens the way from clients to the proxy and on to the servers, and to its metrics for Prometheus", () => {
        const openings = queueingProxyOpenings({ app: "llm", serverPort: 11434 }, "watch");
        assert.deepEqual(
            openings.map(({ name, peer, ports }) => [name, peer, ports]),
            [
                ["llm-proxy-in", "anywhere", [8080]],
                ["llm-proxy-metrics", { namespace: "watch" }, [9000]],
                ["llm-proxy-to-servers", { pods: { "app.kubernetes.io/name": "llm" } }, [11434]],
                ["llm-from-proxy", { pods: { "app.kubernetes.io/name": "llm-proxy" } }, [11434]],
            ],
        );
    });

    describe("resources", () => {
        let recording: Recording;
        before(async () => {
            recording = await record(() => {
                new QueueingProxy("p", { ...args, drainSeconds: 60 });
            });
        });

        it("are one proxy, which keeps to the restricted level", () => {
            const { spec } = object(recording, "Deployment", "llm-proxy").inputs;
            assert.equal(spec.replicas, 1);
            assert.deepEqual(violations(spec.template.spec), []);
            assert.deepEqual(missingResources(spec.template.spec.containers[0]), []);
            assert.equal(spec.template.spec.containers[0].resources.limits.memory, "512Mi");
        });

        it("let the proxy end with its requests", () => {
            const pod = object(recording, "Deployment", "llm-proxy").inputs.spec.template.spec;
            assert.equal(pod.terminationGracePeriodSeconds, 75);
            assert.deepEqual(pod.containers[0].lifecycle.preStop.httpGet, {
                path: "/drain",
                port: "metrics",
            });
        });

        it("find the servers that are ready, and wait for none", () => {
            const { metadata, spec } = object(recording, "Service", "llm-servers").inputs;
            assert.equal(spec.clusterIP, "None");
            assert.equal(spec.publishNotReadyAddresses, false);
            assert.deepEqual(spec.selector, { "app.kubernetes.io/name": "llm" });
            assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
        });

        it("measure the queue each second", () => {
            const [endpoint] = object(recording, "PodMonitor", "llm-proxy").inputs.spec.podMetricsEndpoints;
            assert.equal(endpoint.interval, "1s");
            assert.deepEqual(endpoint.metricRelabelings, proxyRelabelings("llm"));
        });
    });
});
