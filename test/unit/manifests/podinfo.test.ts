import assert from "node:assert/strict";
import { images } from "../../../components/images";
import {
    PodinfoManifests,
    type PodinfoManifestsArgs,
    podinfoManifestsOpenings,
    podinfoService,
    validatePodinfoManifests,
} from "../../../components/manifests/podinfo";
import { podinfoMetricsPort, podinfoSpec } from "../../../components/manifests/podinfo/deployment";
import { podinfoValues } from "../../../components/workloads/podinfo/values";
import { named, object, record } from "../support/mocks";
import { missingResources, violations } from "../support/restricted";

const ingress = { className: "traefik", host: "podinfo.example.com" };
// biome-ignore lint/suspicious/noExplicitAny: the spec is plain data
const specOf = (args: PodinfoManifestsArgs): any => podinfoSpec(args, images);
const wrong = (args: PodinfoManifestsArgs) => validatePodinfoManifests(args).map(({ property }) => property);
const objects = async (args: PodinfoManifestsArgs) =>
    named(await record(() => new PodinfoManifests("p", args))).map(([kind, , name]) => `${kind} ${name}`);

describe("PodinfoManifests", () => {
    it("is podinfo in a restricted namespace of its own, and nothing else", async () => {
        const least = [
            "Deployment podinfo",
            "Namespace podinfo",
            "NetworkPolicy clients",
            "NetworkPolicy default-deny",
            "NetworkPolicy dns",
            "Service podinfo",
            "ServiceAccount podinfo",
        ];
        assert.deepEqual((await objects({})).sort(), least);
        const more = await objects({ replicas: 2, monitored: true, ingress });
        assert.deepEqual(more.filter((one) => !least.includes(one)).sort(), [
            "Ingress podinfo",
            "NetworkPolicy metrics-from-monitoring",
            "PodDisruptionBudget podinfo",
            "ServiceMonitor podinfo",
        ]);
    });

    it("tells its address inside the cluster, the same as with the chart", async () => {
        let made: PodinfoManifests | undefined;
        await record(() => {
            made = new PodinfoManifests("p", { namespace: "target" });
        });
        assert.equal(made?.url, "http://podinfo.target.svc:9898");
    });

    it("runs as with the chart: the same user, requests, limits and anti-affinity", () => {
        const { podSecurityContext, securityContext, resources, affinity } = podinfoValues({ replicas: 2 });
        const { spec } = specOf({ replicas: 2 }).template;
        assert.deepEqual(spec.securityContext, podSecurityContext);
        assert.deepEqual(spec.containers[0].securityContext, securityContext);
        assert.deepEqual(spec.containers[0].resources, resources);
        assert.deepEqual(spec.affinity, affinity);
        assert.equal("affinity" in specOf({}).template.spec, false);
        assert.deepEqual(violations(spec), []);
        assert.deepEqual(missingResources(spec.containers[0]), []);
        assert.equal(spec.containers[0].image, images.podinfo);
    });

    it("leaves the number of its pods to an autoscaler where there is one", () => {
        assert.equal(specOf({}).replicas, 1);
        assert.equal(specOf({ replicas: 3 }).replicas, 3);
        assert.equal("replicas" in specOf({ autoscaled: true }), false);
        assert.ok(specOf({ autoscaled: true }).template.spec.affinity);
    });

    it("counts no probe but one at the start, and no scrape", async () => {
        const [{ startupProbe, readinessProbe, livenessProbe, ports }] = specOf({}).template.spec.containers;
        // podinfo counts what comes to its port for clients, and there is no counter before the first of it.
        assert.equal(startupProbe.httpGet.port, "http");
        assert.deepEqual(readinessProbe.tcpSocket, { port: "http" });
        assert.equal(livenessProbe.httpGet.port, "metrics");
        assert.deepEqual(
            ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [
                name,
                containerPort,
            ]),
            [
                ["http", 9898],
                ["metrics", podinfoMetricsPort],
            ],
        );
        const recording = await record(
            () => new PodinfoManifests("p", { monitored: true, scrapeInterval: "5s" }),
        );
        const { spec } = object(recording, "ServiceMonitor", "podinfo").inputs;
        assert.deepEqual([spec.endpoints[0].port, spec.endpoints[0].interval], ["metrics", "5s"]);
        const keep = new RegExp(`^(?:${spec.endpoints[0].metricRelabelings[0].regex})$`);
        assert.match("http_requests_total", keep);
        assert.match("http_request_duration_seconds_bucket", keep);
        assert.doesNotMatch("go_gc_duration_seconds", keep);
        // By the label of its Service the series have the job that an autoscaler looks for.
        assert.deepEqual(
            object(recording, "Service", "podinfo").inputs.metadata.labels,
            spec.selector.matchLabels,
        );
    });

    it("is told what to do by its environment, which no Service of its own changes", () => {
        const { containers, enableServiceLinks } = specOf({}).template.spec;
        const env = containers[0].env.map(({ name, value }: Record<string, string>) => [name, value]);
        assert.deepEqual(Object.fromEntries(env), {
            PODINFO_PORT: "9898",
            PODINFO_PORT_METRICS: "9797",
            PODINFO_SERVER_SHUTDOWN_TIMEOUT: "35s",
        });
        assert.equal(enableServiceLinks, false);
        assert.equal("command" in containers[0] || "args" in containers[0], false);
    });

    it("has more time to end than it takes to finish its requests", () => {
        assert.equal(specOf({}).template.spec.terminationGracePeriodSeconds, 40);
    });

    it("is reached on nodes only where a port is given, and there by clients alone", () => {
        assert.equal(podinfoService({}).type, "ClusterIP");
        const { type, ports } = podinfoService({ nodePort: 30898 });
        assert.equal(type, "NodePort");
        assert.deepEqual(
            ports.map((port) => [port.name, "nodePort" in port ? port.nodePort : undefined]),
            [
                ["http", 30898],
                ["metrics", undefined],
            ],
        );
    });

    it("opens what is asked for and no more", () => {
        const names = (args: PodinfoManifestsArgs) => podinfoManifestsOpenings(args).map(({ name }) => name);
        assert.deepEqual(names({}), ["clients"]);
        assert.deepEqual(names({ ingress: { ...ingress, clusterIssuer: "acme" } }), [
            "clients",
            "acme-solver-from-anywhere",
        ]);
        const [, metrics] = podinfoManifestsOpenings({ monitored: true, monitoringNamespace: "watch" });
        assert.deepEqual([metrics?.peer, metrics?.ports], [{ namespace: "watch" }, [9797]]);
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "No",
                quota: { pods: "ten" },
                replicas: 51,
                nodePort: 80,
                ingress: { className: "", host: "podinfo.example.com" },
                scrapeInterval: "often",
                monitoringNamespace: "No",
            }),
            [
                "namespace",
                "quota.pods",
                "replicas",
                "nodePort",
                "ingress.className",
                "scrapeInterval",
                "monitoringNamespace",
            ],
        );
        assert.deepEqual(wrong({ autoscaled: true, replicas: 1 }), ["replicas"]);
    });
});
