import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Traefik, type TraefikArgs, validateTraefik } from "../../components/ingress/traefik";
import { httpsPortOf, type TraefikExposure } from "../../components/ingress/traefik/exposure";
import { traefikOpenings } from "../../components/ingress/traefik/openings";
import { traefikValues } from "../../components/ingress/traefik/values";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, named, object, record } from "./support/mocks";

const nodePorts: TraefikExposure = { kind: "node-port", http: 30080, https: 30443 };
const hostPorts: TraefikExposure = { kind: "host-port" };

// biome-ignore lint/suspicious/noExplicitAny: values are plain data
const valuesOf = (args: TraefikArgs): any => traefikValues(args);
const made = (args: TraefikArgs) => record(() => new Traefik("traefik", args));
const wrong = (args: TraefikArgs) => validateTraefik(args).map(({ property }) => property);

describe("Traefik", () => {
    it("installs the pinned chart into a restricted namespace of its own, and nothing else", async () => {
        const recording = await made({});
        assert.deepEqual(named(recording), [
            ["Namespace", "traefik-namespace", "traefik"],
            ["NetworkPolicy", "traefik-namespace-clients", "clients"],
            ["NetworkPolicy", "traefik-namespace-default-deny", "default-deny"],
            ["NetworkPolicy", "traefik-namespace-dns", "dns"],
            ["NetworkPolicy", "traefik-namespace-services", "services"],
        ]);
        const { labels } = object(recording, "Namespace", "traefik").inputs.metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
        const charts = recording.resources.filter(({ kind }) => kind === "Chart");
        assert.equal(charts.length, 1);
        const { values, ...inputs } = charts[0]?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "oci://ghcr.io/traefik/helm/traefik",
            version: "41.3.0",
            name: "traefik",
            namespace: "traefik",
            skipCrds: true,
        });
        assert.deepEqual(values, traefikValues({}));
    });

    it("waits for its own dependencies before it makes anything", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new Traefik("traefik", { monitored: true, replicas: 2 }, { dependsOn: [before] });
            },
            ({ kind }) => kind === "ConfigMap" || kind === "Namespace",
        );
        assert.ok(inOrder(recording, "ConfigMap before", "Namespace traefik-namespace"));
        assert.ok(inOrder(recording, "Namespace traefik-namespace", "PodMonitor traefik-monitor"));
        assert.ok(inOrder(recording, "Namespace traefik-namespace", "PodDisruptionBudget traefik-budget"));
        // A Chart is a component to the recorder: it has no beginning and end, but a place.
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        assert.ok(order.indexOf("Namespace traefik-namespace") < order.indexOf("Chart traefik"));
        assert.ok(order.indexOf("Chart traefik") < order.indexOf("PodMonitor traefik-monitor"));
    });

    it("tells the class and the address inside the cluster", async () => {
        let traefik: Traefik | undefined;
        await record(() => {
            traefik = new Traefik("traefik", { namespace: "edge", ingressClass: "public" });
        });
        assert.equal(traefik?.ingressClass, "public");
        assert.equal(traefik?.url, "http://traefik.edge.svc");
    });

    it("serves Ingress objects of its class, and no other kind or class", () => {
        const { providers, ingressClass } = valuesOf({ ingressClass: "public", isDefaultClass: false });
        assert.equal(providers.kubernetesCRD.enabled, false);
        assert.equal(providers.kubernetesGateway.enabled, false);
        assert.equal(providers.kubernetesIngress.ingressClass, "public");
        assert.deepEqual(ingressClass, { enabled: true, name: "public", isDefaultClass: false });
        assert.equal(valuesOf({}).ingressClass.isDefaultClass, true);
    });

    it("calls nobody home and shows no dashboard", () => {
        assert.deepEqual(valuesOf({}).global, { checkNewVersion: false, sendAnonymousUsage: false });
        assert.deepEqual(valuesOf({}).api, { dashboard: false });
    });

    it("is a load balancer unless told otherwise, and Ingress objects report its address", () => {
        const { service, providers, ports } = valuesOf({});
        assert.deepEqual(service, { spec: { type: "LoadBalancer" } });
        assert.deepEqual(providers.kubernetesIngress.publishedService, { enabled: true });
        assert.equal("ingressEndpoint" in providers.kubernetesIngress, false);
        assert.deepEqual(ports, { web: {}, websecure: { exposedPort: 443 } });
    });

    it("opens ports of every node", () => {
        const { service, ports } = valuesOf({ exposure: nodePorts });
        assert.deepEqual(service, { spec: { type: "NodePort" } });
        assert.deepEqual(ports, {
            web: { nodePort: 30080 },
            websecure: { exposedPort: 443, nodePort: 30443 },
        });
        assert.deepEqual(valuesOf({ exposure: { kind: "node-port" } }).ports.web, {});
    });

    it("opens ports of its own node, for which its namespace is privileged and old pods go first", async () => {
        const { service, ports, updateStrategy } = valuesOf({ exposure: hostPorts });
        assert.deepEqual(service, { spec: { type: "ClusterIP" } });
        assert.equal(ports.web.hostPort, 80);
        assert.equal(ports.websecure.hostPort, 443);
        assert.deepEqual(updateStrategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
        assert.deepEqual(valuesOf({}).updateStrategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
        const { labels } = object(await made({ exposure: hostPorts }), "Namespace", "traefik").inputs
            .metadata;
        assert.equal(labels["pod-security.kubernetes.io/enforce"], "privileged");
    });

    it("has Ingress objects report some address, as Pulumi waits for one", () => {
        const endpoint = (args: TraefikArgs) => valuesOf(args).providers.kubernetesIngress.ingressEndpoint;
        assert.deepEqual(endpoint({ exposure: hostPorts }), { hostname: "localhost" });
        assert.deepEqual(endpoint({ exposure: nodePorts }), { hostname: "localhost" });
        assert.deepEqual(endpoint({ address: "ingress.example.com" }), { hostname: "ingress.example.com" });
        assert.deepEqual(endpoint({ address: "192.0.2.1" }), { ip: "192.0.2.1" });
        const { publishedService } = valuesOf({ exposure: nodePorts }).providers.kubernetesIngress;
        assert.deepEqual(publishedService, { enabled: false });
    });

    it("redirects to HTTPS at the port that clients see, and only when told to", () => {
        assert.equal("http" in valuesOf({}).ports.web, false);
        const { web } = valuesOf({ httpsRedirect: true }).ports;
        assert.deepEqual(web.http.redirections.entryPoint, {
            to: "websecure",
            scheme: "https",
            permanent: true,
        });
        const redirectedTo = (args: TraefikArgs) =>
            valuesOf({ httpsRedirect: true, ...args }).ports.websecure.exposedPort;
        assert.equal(redirectedTo({}), 443);
        assert.equal(redirectedTo({ exposure: nodePorts }), 30443);
        assert.equal(redirectedTo({ exposure: { kind: "host-port", https: 8443 } }), 8443);
        assert.equal(redirectedTo({ exposure: nodePorts, publicHttpsPort: 443 }), 443);
    });

    it("knows by which port clients reach HTTPS, unless the cluster chooses it", () => {
        assert.equal(httpsPortOf(undefined), 443);
        assert.equal(httpsPortOf(hostPorts), 443);
        assert.equal(httpsPortOf({ kind: "node-port" }), undefined);
    });

    it("keeps one pod through disruptions when it has two, on another node if there is one", async () => {
        const budget = object(await made({ replicas: 2 }), "PodDisruptionBudget", "traefik");
        assert.deepEqual(budget.inputs.spec, {
            minAvailable: 1,
            selector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
        });
        const { affinity, deployment } = valuesOf({ replicas: 2 });
        assert.equal(deployment.replicas, 2);
        const [{ podAffinityTerm }] =
            affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
        assert.equal(podAffinityTerm.topologyKey, "kubernetes.io/hostname");
        assert.deepEqual(valuesOf({}).affinity, {});
    });

    it("runs on the nodes that it is given", () => {
        const tolerations = [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }];
        const values = valuesOf({ nodeSelector: { "ingress-ready": "true" }, tolerations });
        assert.deepEqual(values.nodeSelector, { "ingress-ready": "true" });
        assert.deepEqual(values.tolerations, tolerations);
    });

    it("is scraped by its own PodMonitor, and let in, only when told to", async () => {
        const recording = await made({ monitored: true, monitoringNamespace: "prom" });
        assert.deepEqual(object(recording, "PodMonitor", "traefik").inputs.spec, {
            jobLabel: "app.kubernetes.io/name",
            selector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
            podMetricsEndpoints: [{ port: "metrics" }],
        });
        const scraping = traefikOpenings({ monitored: true, monitoringNamespace: "prom" }).at(-1);
        assert.deepEqual(scraping, {
            name: "metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: "prom" },
            ports: [9100],
        });
        assert.deepEqual(
            traefikOpenings({}).map(({ name }) => name),
            ["clients", "services"],
        );
    });

    it("passes on the quota and merges the user's values last", async () => {
        const recording = await made({ quota: { pods: "3" }, values: { deployment: { replicas: 7 } } });
        assert.deepEqual(object(recording, "ResourceQuota", "quota").inputs.spec, { hard: { pods: "3" } });
        const chart = recording.resources.find(({ kind }) => kind === "Chart");
        assert.deepEqual(chart?.inputs.values.deployment, { replicas: 7 });
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "T",
                ingressClass: "a b",
                exposure: { kind: "node-port", http: 80, https: 31000 },
                address: "http://localhost",
                publicHttpsPort: 0,
                replicas: 0,
                monitoringNamespace: "M",
                source: { versions: { traefik: "41.x" } },
            }),
            [
                "namespace",
                "ingressClass",
                "exposure.http",
                "address",
                "publicHttpsPort",
                "replicas",
                "monitoringNamespace",
                "source.versions.traefik",
            ],
        );
        assert.deepEqual(wrong({}), []);
    });

    it("refuses one port for two protocols", () => {
        assert.deepEqual(wrong({ exposure: { kind: "node-port", http: 30080, https: 30080 } }), [
            "exposure.https",
        ]);
        assert.deepEqual(wrong({ exposure: { kind: "host-port", http: 443 } }), ["exposure.https"]);
        assert.deepEqual(wrong({ exposure: { kind: "host-port", http: 8080, https: 70000 } }), [
            "exposure.https",
        ]);
        assert.deepEqual(wrong({ exposure: hostPorts }), []);
    });

    it("refuses a redirect to a port that the cluster is yet to choose", () => {
        const exposure: TraefikExposure = { kind: "node-port" };
        assert.deepEqual(wrong({ exposure, httpsRedirect: true }), ["httpsRedirect"]);
        assert.deepEqual(wrong({ exposure, httpsRedirect: true, publicHttpsPort: 443 }), []);
        assert.deepEqual(wrong({ exposure }), []);
    });

    it("refuses an exposure that it does not know", () => {
        assert.deepEqual(wrong({ exposure: { kind: "gateway" } as unknown as TraefikExposure }), [
            "exposure.kind",
        ]);
    });

    itSetsOnlyKeysOf(
        "traefik",
        () => [
            traefikValues({}),
            traefikValues({ replicas: 2, exposure: nodePorts, httpsRedirect: true }),
            traefikValues({ exposure: hostPorts, address: "192.0.2.1", nodeSelector: { a: "b" } }),
        ],
        {
            "ports.web.hostPort":
                "in a comment of values.yaml; the strict schema and the pod template have it",
        },
    );
});
