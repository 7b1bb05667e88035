import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { parse } from "yaml";
import { images } from "../../components/images";
import { eckStackValues, Logging, type LoggingArgs } from "../../components/logs/logging";
import { bytes, elasticsearchValues, rolesFile } from "../../components/logs/logging/elasticsearch";
import { fluentBitValues } from "../../components/logs/logging/fluent-bit";
import { fluentdValues } from "../../components/logs/logging/fluentd";
import { kibanaUrl, kibanaValues } from "../../components/logs/logging/kibana";
import { indexTemplate, lifecyclePolicy, storedDocuments } from "../../components/logs/logging/lifecycle";
import { elasticSecret, elasticsearchHost, logPattern } from "../../components/logs/logging/names";
import { collectorOpenings, operatorOpenings, storeOpenings } from "../../components/logs/logging/openings";
import { eckOperatorValues } from "../../components/logs/logging/operator";
import { setupFiles, setupPod, trustRules } from "../../components/logs/logging/setup";
import { validateLogging } from "../../components/logs/logging/validation";
import { variablesOf } from "../../components/monitoring/dashboards/board";
import { logsBoard } from "../../components/monitoring/dashboards/logs";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { inOrder, object, password, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

// biome-ignore lint/suspicious/noExplicitAny: values are plain data
type Any = any;

const made = (args: LoggingArgs) => record(() => new Logging("logging", args));
const wrong = (args: LoggingArgs) => validateLogging(args).map(({ property }) => property);
const nodeSet = (args: Parameters<typeof elasticsearchValues>[0]): Any =>
    elasticsearchValues(args).nodeSets[0];

/** What was installed: resource, chart, version and namespace, by the name in the program. */
const installed = ({ resources }: Recording) =>
    Object.fromEntries(
        resources
            .filter(({ kind }) => kind === "Chart" || kind === "Release")
            .map(({ kind, name, inputs }) => [name, [kind, inputs.chart, inputs.version, inputs.namespace]]),
    );

describe("Logging", () => {
    it("installs the pinned charts, each into its namespace", async () => {
        assert.deepEqual(installed(await made({})), {
            "logging-operator-crds": ["Release", "eck-operator-crds", "3.5.0", "elastic-system"],
            "logging-operator": ["Chart", "eck-operator", "3.5.0", "elastic-system"],
            logging: ["Chart", "eck-stack", "0.20.0", "logging"],
            "logging-collector": [
                "Chart",
                "oci://ghcr.io/fluent/helm-charts/fluent-bit-collector",
                "1.1.1",
                "log-collectors",
            ],
        });
    });

    it("collects with Fluentd when told to", async () => {
        const recording = await made({ collector: "fluentd" });
        assert.deepEqual(installed(recording)["logging-collector"], [
            "Chart",
            "oci://ghcr.io/fluent/helm-charts/fluentd",
            "0.6.0",
            "log-collectors",
        ]);
    });

    it("restricts the operator and Elasticsearch, and only the collectors are privileged", async () => {
        const recording = await made({});
        const level = (name: string) =>
            object(recording, "Namespace", name).inputs.metadata.labels["pod-security.kubernetes.io/enforce"];
        assert.equal(level("elastic-system"), "restricted");
        assert.equal(level("logging"), "restricted");
        assert.equal(level("log-collectors"), "privileged");
        const monitoring = ({ kind }: { kind: string }) => /^(PodMonitor|PrometheusRule)$/.test(kind);
        assert.equal(recording.resources.filter(monitoring).length, 0);
    });

    for (const collector of ["fluent-bit", "fluentd"] as const) {
        it(`has alerts on its collectors, and on those that are there alone, where it is monitored: ${collector}`, async () => {
            const recording = await made({ monitored: true, collector, collectorNamespace: "watch" });
            const rules = recording.resources.filter(({ kind }) => kind === "PrometheusRule");
            assert.deepEqual(
                rules.map(({ inputs }) => [inputs.metadata.name, inputs.metadata.namespace]),
                [[collector, "watch"]],
            );
            const alerts: { expr: string }[] = rules.flatMap(({ inputs }) => inputs.spec.groups[0].rules);
            for (const { expr } of alerts) {
                assert.match(expr, /namespace="watch"/);
                assert.match(expr, new RegExp(`job="${collector}"`));
            }
        });
    }

    it("goes on only when what it needs is there: definitions, operator, Elasticsearch, setup, collectors", async () => {
        const recording = await record(
            () => {
                const before = new ConfigMap("before");
                new Logging("logging", { monitored: true }, { dependsOn: [before] });
            },
            ({ kind, name }) => ["Namespace", "Release", "Job", "Secret"].includes(kind) || name === "before",
        );
        for (const namespace of [
            "logging-operator-namespace",
            "logging-namespace",
            "logging-collector-namespace",
        ]) {
            assert.ok(inOrder(recording, "ConfigMap before", `Namespace ${namespace}`));
        }
        assert.ok(
            inOrder(recording, "Namespace logging-operator-namespace", "Release logging-operator-crds"),
        );
        assert.ok(inOrder(recording, "Release logging-operator-crds", "Job logging-setup"));
        assert.ok(inOrder(recording, "Role logging-setup-identity-collectors", "Job logging-setup"));
        assert.ok(inOrder(recording, "Job logging-setup", "PodMonitor logging-collector-monitor"));
        // A Chart is a component to the recorder: it has no beginning and end, but a place.
        const order = recording.resources.map(({ kind, name }) => `${kind} ${name}`);
        const follows = (later: string, earlier: string) =>
            assert.ok(order.indexOf(earlier) >= 0 && order.indexOf(earlier) < order.indexOf(later), later);
        follows("Chart logging-operator", "Release logging-operator-crds");
        follows("Chart logging", "Chart logging-operator");
        follows("Chart logging", "Secret logging-collector-user-user");
        follows("Job logging-setup", "Chart logging");
        follows("Chart logging-collector", "Job logging-setup");
        follows("PodMonitor logging-operator-monitor", "Chart logging-operator");
    });

    it("tells where everything is", async () => {
        let logging: Logging | undefined;
        await record(() => {
            logging = new Logging("logging", { namespace: "logs" });
        });
        assert.equal(logging?.elasticsearchUrl, "https://elasticsearch-es-http.logs.svc:9200");
        assert.equal(logging?.kibanaUrl, "https://kibana-kb-http.logs.svc:5601");
        assert.deepEqual(logging?.credentials, {
            namespace: "logs",
            secret: "elasticsearch-es-elastic-user",
        });
        assert.equal(logging?.indexPattern, "logs-kubernetes-*");
    });

    describe("Elasticsearch", () => {
        it("has two nodes that need no privileged container", () => {
            const { count, config, volumeClaimTemplates, podTemplate } = nodeSet({});
            assert.equal(count, 2);
            assert.equal(config["node.store.allow_mmap"], false);
            const resources = {
                requests: { cpu: "250m", memory: "2Gi" },
                limits: { cpu: "2", memory: "2Gi" },
            };
            assert.deepEqual(podTemplate.spec.containers, [{ name: "elasticsearch", resources }]);
            assert.deepEqual(volumeClaimTemplates, [
                {
                    metadata: { name: "elasticsearch-data" },
                    spec: {
                        accessModes: ["ReadWriteOnce"],
                        resources: { requests: { storage: "20Gi" } },
                    },
                },
            ]);
        });

        it("has the size that it is given", () => {
            const { count, volumeClaimTemplates, podTemplate } = nodeSet({
                nodes: 3,
                cpu: "1",
                memory: "8Gi",
                heap: "3Gi",
                storage: "1Ti",
                storageClass: "fast",
            });
            assert.equal(count, 3);
            const { spec } = volumeClaimTemplates[0];
            assert.equal(spec.resources.requests.storage, "1Ti");
            assert.equal(spec.storageClassName, "fast");
            assert.deepEqual(podTemplate.spec.containers, [
                {
                    name: "elasticsearch",
                    resources: {
                        requests: { cpu: "1", memory: "8Gi" },
                        limits: { cpu: "2", memory: "8Gi" },
                    },
                    env: [{ name: "ES_JAVA_OPTS", value: "-Xms3072m -Xmx3072m" }],
                },
            ]);
        });

        it("goes with its data unless that is to stay", () => {
            assert.equal(
                elasticsearchValues({}).volumeClaimDeletePolicy,
                "DeleteOnScaledownAndClusterDeletion",
            );
            assert.equal(
                elasticsearchValues({ keepData: true }).volumeClaimDeletePolicy,
                "DeleteOnScaledownOnly",
            );
        });

        it("reads quantities of bytes", () => {
            assert.deepEqual(
                ["512Mi", "1.5Gi", "2G", "1k", "1Ki", "4096"].map(bytes),
                [536870912, 1610612736, 2e9, 1000, 1024, 4096],
            );
        });
    });

    describe("Kibana", () => {
        it("says that it is no root user, as its namespace wants to read", () => {
            const values: Any = kibanaValues({});
            assert.equal(values.podTemplate.spec.securityContext.runAsNonRoot, true);
            assert.deepEqual(values.elasticsearchRef, { name: "elasticsearch" });
            assert.deepEqual(missingResources(values.podTemplate.spec.containers[0]), []);
            assert.deepEqual(values.ingress, { enabled: false });
            assert.equal("http" in values, false);
        });

        it("is encrypted up to the Ingress, which does not know its authority", () => {
            const ingress = { host: "kibana.example.org", ingressClass: "traefik", issuer: "acme" };
            const values: Any = kibanaValues({ ingress });
            assert.deepEqual(values.http, { tls: { selfSignedCertificate: { disabled: true } } });
            assert.deepEqual(values.ingress, {
                enabled: true,
                className: "traefik",
                annotations: { "cert-manager.io/cluster-issuer": "acme" },
                hosts: [{ host: "kibana.example.org", path: "/" }],
                tls: { enabled: true, secretName: "kibana-tls" },
            });
            assert.equal(values.config["server.publicBaseUrl"], "https://kibana.example.org");
            assert.equal(kibanaUrl({ ingress }, "logging"), "https://kibana.example.org");
        });

        it("takes a certificate that is there, or none", () => {
            const values = (ingress: object): Any =>
                kibanaValues({ ingress: { host: "k.test", ...ingress } });
            assert.deepEqual(values({ tlsSecret: "own" }).ingress.tls, { enabled: true, secretName: "own" });
            assert.deepEqual(values({}).ingress.tls, { enabled: false });
            assert.deepEqual(values({}).ingress.annotations, {});
            assert.equal(kibanaUrl({ ingress: { host: "k.test" } }, "logging"), "http://k.test");
        });

        it("is left out when told so", () => {
            assert.deepEqual(eckStackValues({ kibana: false })["eck-kibana"], { enabled: false });
            assert.equal(kibanaUrl(false, "logging"), undefined);
        });
    });

    describe("credentials", () => {
        it("are a user of the collectors' own, who may add logs and nothing else", () => {
            assert.deepEqual(parse(rolesFile("logs-*")), {
                log_collector: {
                    cluster: ["monitor"],
                    indices: [{ names: ["logs-*"], privileges: ["auto_configure", "create_doc"] }],
                },
            });
            assert.deepEqual(elasticsearchValues({}).auth, {
                fileRealm: [{ secretName: "log-collector-user" }],
                roles: [{ secretName: "log-collector-role" }],
            });
        });

        it("are the same in both namespaces, and secret", async () => {
            const recording = await made({});
            const user = object(recording, "Secret", "log-collector-user");
            const mounted = object(recording, "Secret", "elasticsearch-credentials");
            assert.deepEqual(user.inputs.stringData, {
                username: "log-collector",
                password,
                roles: "log_collector",
            });
            assert.equal(user.inputs.metadata.namespace, "logging");
            assert.deepEqual(mounted.inputs.stringData, { username: "log-collector", password });
            assert.equal(mounted.inputs.metadata.namespace, "log-collectors");
            for (const secret of [user, mounted]) assert.ok(secret.secrets.includes("stringData"));
            const others = recording.resources.filter(({ kind }) => kind !== "Secret");
            assert.equal(JSON.stringify(others).includes(password), false);
        });

        it("reach the collectors by reference", () => {
            for (const { env } of [fluentBitValues("logging"), fluentdValues("logging")]) {
                assert.deepEqual(env, [
                    {
                        name: "ELASTICSEARCH_USER",
                        valueFrom: { secretKeyRef: { name: "elasticsearch-credentials", key: "username" } },
                    },
                    {
                        name: "ELASTICSEARCH_PASSWORD",
                        valueFrom: { secretKeyRef: { name: "elasticsearch-credentials", key: "password" } },
                    },
                ]);
            }
        });
    });

    describe("setup", () => {
        const args = {
            namespace: "logging",
            collectorNamespace: "log-collectors",
            image: images.python,
            retentionDays: 7,
        };

        it("runs on the pinned image as a restricted pod", () => {
            const pod: Any = setupPod(args, "program");
            assert.deepEqual(violations(pod), []);
            assert.deepEqual(missingResources(pod.containers[0]), []);
            assert.equal(pod.containers[0].image, images.python);
            assert.deepEqual(pod.volumes.map(({ secret }: Any) => secret?.secretName).filter(Boolean), [
                "elasticsearch-es-http-certs-public",
                "elasticsearch-es-elastic-user",
            ]);
        });

        it("may write one ConfigMap", () => {
            for (const { resources, verbs, resourceNames } of trustRules as Any) {
                assert.deepEqual(resources, ["configmaps"]);
                assert.deepEqual(resourceNames ?? verbs, resourceNames ? ["elasticsearch-ca"] : ["create"]);
            }
        });

        it("runs again when what it puts changes, and only then", async () => {
            const name = async (changes: LoggingArgs) =>
                (await made(changes)).resources.find(({ kind }) => kind === "Job")?.inputs.metadata.name;
            const first = await name({});
            assert.match(first, /^logging-setup-[0-9a-f]{10}$/);
            assert.equal(await name({ monitored: true }), first);
            assert.notEqual(await name({ retentionDays: 8 }), first);
        });

        it("brings the program and its documents", () => {
            const files = setupFiles(args);
            assert.match(files["setup.py"], /^"""Prepares Elasticsearch for logs/);
            assert.deepEqual(JSON.parse(files["requests.json"]), storedDocuments(7));
        });
    });

    describe("lifecycle", () => {
        it("deletes indices so many days after they were replaced", () => {
            assert.deepEqual(lifecyclePolicy(30).policy.phases, {
                hot: { actions: { rollover: { max_age: "1d", max_primary_shard_size: "10gb" } } },
                delete: { min_age: "30d", actions: { delete: {} } },
            });
        });

        it("puts the policy before the template that names it, both for what the collectors write", () => {
            const [policy, template] = storedDocuments(7);
            assert.equal(policy?.path, "_ilm/policy/logs-kubernetes");
            assert.equal(template?.path, "_index_template/logs-kubernetes");
            const { index_patterns, data_stream, template: index } = indexTemplate();
            assert.deepEqual(data_stream, {});
            assert.equal(index.settings["index.lifecycle.name"], "logs-kubernetes");
            const [pattern = ""] = index_patterns;
            const { config }: Any = fluentBitValues("logging");
            const written = config.pipeline.outputs[0].index;
            assert.ok(written.startsWith(pattern.replace("*", "")), `${written} is not ${pattern}`);
        });
    });

    describe("collectors", () => {
        it("run on every node, whatever its taints", () => {
            for (const { tolerations } of [fluentBitValues("logging"), fluentdValues("logging")]) {
                assert.deepEqual(tolerations, [{ operator: "Exists" }]);
            }
        });

        it("send to Elasticsearch encrypted, to the one that the authority vouches for", () => {
            const { config, extraVolumes, extraVolumeMounts }: Any = fluentBitValues("logs");
            const [output] = config.pipeline.outputs;
            assert.equal(output.host, "elasticsearch-es-http.logs.svc");
            assert.equal(output.tls, true);
            assert.equal(output["tls.verify"], true);
            assert.equal(output["tls.verify_hostname"], true);
            assert.equal(output["tls.ca_file"], `${extraVolumeMounts[0].mountPath}/ca.crt`);
            assert.deepEqual(extraVolumes[0].configMap, { name: "elasticsearch-ca" });
            const { fileConfigs, volumes, volumeMounts }: Any = fluentdValues("logs");
            const text = fileConfigs["04_outputs.conf"];
            assert.match(text, /^ {4}scheme https$/m);
            assert.match(text, /^ {4}host elasticsearch-es-http\.logs\.svc$/m);
            assert.match(text, /^ {4}ssl_verify true$/m);
            assert.ok(text.includes(`ca_file ${volumeMounts[0].mountPath}/ca.crt`));
            assert.deepEqual(volumes[0].configMap, { name: "elasticsearch-ca" });
        });

        it("write new documents of one data stream, and the text of a log as `message`", () => {
            const { config }: Any = fluentBitValues("logging");
            const [output] = config.pipeline.outputs;
            assert.equal(output.index, "logs-kubernetes-default");
            assert.equal(output.write_operation, "create");
            assert.equal(config.pipeline.filters[0].rename, "log message");
            const text = fluentdValues("logging").fileConfigs?.["04_outputs.conf"] ?? "";
            assert.match(text, /^ {4}index_name logs-kubernetes-default$/m);
            assert.match(text, /^ {4}write_operation create$/m);
            assert.match(text, /^ {4}id_key _hash$/m);
        });

        it("add what Kubernetes knows of the pod", () => {
            const { config }: Any = fluentBitValues("logging");
            const [processor] = config.pipeline.inputs[0].processors.logs;
            assert.equal(processor.name, "kubernetes");
            assert.match(
                fluentdValues("logging").fileConfigs?.["02_filters.conf"] ?? "",
                /@type kubernetes_metadata/,
            );
        });

        it("write the fields by which the page on logs searches them", () => {
            const page = readFileSync(join(__dirname, "../../docs/logs.md"), "utf8");
            const [lines] = logsBoard.rows.at(-1)?.panels ?? [];
            const fields = variablesOf(lines?.queries[0]?.expr ?? "").map(
                (name) => `kubernetes.${name}_name`,
            );
            assert.deepEqual(fields, ["kubernetes.namespace_name", "kubernetes.pod_name"]);
            for (const field of [...fields, "message", "@timestamp"])
                assert.match(page, new RegExp(`\\{ "${field}": `), field);
            for (const name of [
                logPattern,
                elasticSecret,
                new URL(`https://${elasticsearchHost("n")}`).hostname,
            ])
                assert.ok(page.includes(name.replace(/\.n\.svc$/, "")), name);
        });

        it("keep on the node what they could not send, and leave their own logs out", () => {
            const { storage, podAnnotations, config }: Any = fluentBitValues("logging");
            assert.deepEqual(storage, { enabled: true });
            assert.equal(config.pipeline.outputs[0].retry_limit, 500);
            assert.equal(config.service["scheduler.cap"], 60);
            assert.equal(podAnnotations["fluentbit.io/exclude"], "true");
            const files = fluentdValues("logging").fileConfigs;
            assert.match(files?.["04_outputs.conf"] ?? "", /<buffer>\n\s+@type file/);
            assert.match(
                files?.["02_filters.conf"] ?? "",
                /<match kubernetes\.var\.log\.containers\.fluentd-\*\*>/,
            );
        });

        it("have neither the chart's password nor Pod Security policies", () => {
            const { podSecurityPolicy, fileConfigs, variant } = fluentdValues("logging");
            assert.deepEqual(podSecurityPolicy, { enabled: false });
            assert.deepEqual(Object.keys(fileConfigs ?? {}), [
                "01_sources.conf",
                "02_filters.conf",
                "03_dispatch.conf",
                "04_outputs.conf",
            ]);
            assert.doesNotMatch(JSON.stringify(fileConfigs), /changeme/);
            assert.equal(variant, "elasticsearch9");
        });
    });

    it("sends nothing home and installs no definitions twice", () => {
        const { installCRDs, telemetry } = eckOperatorValues(false);
        assert.equal(installCRDs, false);
        assert.deepEqual(telemetry, { disabled: true });
    });

    it("is scraped by its own PodMonitors, and let in, only when told to", async () => {
        const recording = await made({ monitored: true, monitoringNamespace: "prom" });
        assert.deepEqual(object(recording, "PodMonitor", "fluent-bit").inputs.spec.podMetricsEndpoints, [
            { port: "http", path: "/api/v2/metrics/prometheus" },
        ]);
        assert.deepEqual(
            object(recording, "PodMonitor", "elastic-operator").inputs.spec.podMetricsEndpoints,
            [{ port: "metrics" }],
        );
        const fluentd = await made({ monitored: true, collector: "fluentd" });
        assert.deepEqual(object(fluentd, "PodMonitor", "fluentd").inputs.spec.podMetricsEndpoints, [
            { port: "metrics", path: "/metrics" },
        ]);
        assert.deepEqual(eckOperatorValues(true).config?.metrics, { port: "8080" });
        assert.deepEqual(eckOperatorValues(false).config?.metrics, { port: "0" });
        for (const openings of [
            operatorOpenings("logging", "prom"),
            collectorOpenings("logging", 1, "prom"),
        ]) {
            assert.deepEqual(openings.at(-1)?.peer, { namespace: "prom" });
        }
        for (const openings of [
            operatorOpenings("logging", undefined),
            collectorOpenings("logging", 1, undefined),
        ]) {
            assert.equal(
                openings.some(({ name }) => name.startsWith("metrics")),
                false,
            );
        }
    });

    it("lets to Elasticsearch who needs it, and to Kibana the world only through an Ingress", () => {
        const openings = storeOpenings({ operator: "elastic-system", collectors: "log-collectors" }, false);
        const elasticsearch = { "elasticsearch.k8s.elastic.co/cluster-name": "elasticsearch" };
        assert.deepEqual(
            openings
                .filter(({ direction }) => direction === "ingress")
                .map(({ name, pods, peer, ports }) => [name, pods, peer, ports]),
            [
                ["from-operator", elasticsearch, { namespace: "elastic-system" }, [9200]],
                ["from-collectors", elasticsearch, { namespace: "log-collectors" }, [9200]],
                ["from-kibana-and-setup", elasticsearch, {}, [9200]],
                ["among-nodes", elasticsearch, { pods: elasticsearch }, [9300]],
            ],
        );
        assert.deepEqual(storeOpenings({ operator: "o", collectors: "c" }, true).at(-2), {
            name: "kibana-from-ingress",
            pods: { "kibana.k8s.elastic.co/name": "kibana" },
            direction: "ingress",
            peer: "anywhere",
            ports: [5601],
        });
    });

    it("passes on the quota and merges the user's values of each chart last", async () => {
        const recording = await made({
            quota: { pods: "9" },
            values: { "eck-kibana": { count: 2 } },
            operatorValues: { resources: { limits: { memory: "1Gi" } } },
            collectorValues: { priorityClassName: "system-node-critical" },
        });
        assert.equal(object(recording, "ResourceQuota", "quota").inputs.metadata.namespace, "logging");
        const values = (name: string) =>
            recording.resources.find((r) => r.name === name && r.kind === "Chart")?.inputs.values;
        assert.equal(values("logging")["eck-kibana"].count, 2);
        assert.equal(values("logging")["eck-kibana"].enabled, true);
        assert.deepEqual(values("logging-operator").resources.limits, { cpu: "1", memory: "1Gi" });
        assert.equal(values("logging-collector").priorityClassName, "system-node-critical");
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            wrong({
                namespace: "L",
                operatorNamespace: "O",
                collectorNamespace: "C",
                collector: "filebeat" as unknown as "fluentd",
                retentionDays: 0,
                elasticsearch: {
                    nodes: 0,
                    cpu: "much",
                    memory: "2 GB",
                    storage: "0",
                    storageClass: "F",
                },
                kibana: { memory: "big", ingress: { host: "https://kibana" } },
                monitoringNamespace: "M",
                source: { versions: { eckStack: "0.x" } },
            }),
            [
                "namespace",
                "operatorNamespace",
                "collectorNamespace",
                "collector",
                "retentionDays",
                "elasticsearch.nodes",
                "elasticsearch.cpu",
                "elasticsearch.memory",
                "elasticsearch.storage",
                "elasticsearch.storageClass",
                "kibana.memory",
                "kibana.ingress.host",
                "monitoringNamespace",
                "source.versions.eckStack",
            ],
        );
        assert.deepEqual(wrong({}), []);
        assert.deepEqual(wrong({ kibana: false, collector: "fluentd" }), []);
    });

    it("refuses a heap that leaves Elasticsearch no memory beside it", () => {
        assert.deepEqual(wrong({ elasticsearch: { heap: "2Gi" } }), ["elasticsearch.heap"]);
        assert.deepEqual(wrong({ elasticsearch: { heap: "1600Mi" } }), ["elasticsearch.heap"]);
        assert.deepEqual(wrong({ elasticsearch: { heap: "1536Mi" } }), []);
        assert.deepEqual(wrong({ elasticsearch: { heap: "2Gi", memory: "4Gi" } }), []);
    });

    it("refuses one namespace for two purposes", () => {
        assert.deepEqual(wrong({ collectorNamespace: "logging" }), ["collectorNamespace"]);
        assert.deepEqual(wrong({ namespace: "elastic-system" }), ["operatorNamespace"]);
    });

    itSetsOnlyKeysOf(
        "eckStack",
        () => [
            eckStackValues({}),
            eckStackValues({
                elasticsearch: { heap: "1Gi", storageClass: "fast" },
                kibana: { ingress: { host: "k.test", ingressClass: "traefik", issuer: "acme" } },
            }),
            eckStackValues({ kibana: false }),
        ],
        {
            "eck-kibana.fullnameOverride":
                "in a comment of values.yaml; the chart's kibana.fullname reads it",
            "eck-kibana.http": "in a comment of values.yaml; the chart's kibana.yaml hands it on",
            "eck-kibana.ingress.className": "in a comment of values.yaml; the chart's ingress.yaml reads it",
            "eck-kibana.ingress.tls.secretName":
                "in a comment of values.yaml; the chart's ingress.yaml reads it",
            "eck-kibana.podTemplate": "in a comment of values.yaml; the chart's kibana.yaml hands it on",
        },
    );
    itSetsOnlyKeysOf("eckOperator", () => [eckOperatorValues(true), eckOperatorValues(false)], {
        "podSecurityContext.seccompProfile": "the chart hands the pod's security context on as it is",
    });
    itSetsOnlyKeysOf("fluentBit", () => [fluentBitValues("logging")], {
        "config.service.scheduler.base": "config.service takes every key of Fluent Bit's service section",
        "config.service.scheduler.cap": "as scheduler.base",
    });
    itSetsOnlyKeysOf("fluentd", () => [fluentdValues("logging")]);
});
