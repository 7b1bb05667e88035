import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as ts from "typescript";
import * as library from "../../components";

const folder = join(__dirname, "..", "..", "components");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
);
const source = (file: string) => readFileSync(join(folder, file), "utf8");

/** What the constructor of a class does, statement by statement; the functions inside it only help. */
function constructorOf(file: string, name: string): string[] {
    const parsed = ts.createSourceFile(file, source(file), ts.ScriptTarget.Latest);
    const found = parsed.statements
        .filter(ts.isClassDeclaration)
        .filter((declaration) => declaration.name?.text === name)
        .flatMap((declaration) => declaration.members.filter(ts.isConstructorDeclaration));
    return (found[0]?.body?.statements ?? [])
        .filter((statement) => !ts.isFunctionDeclaration(statement))
        .map((statement) => statement.getText(parsed));
}

describe("the library", () => {
    // The surface. A change here is one that users see: it belongs into CHANGELOG.md.
    it("exports these values and no others", () => {
        assert.deepEqual(Object.keys(library).sort(), [
            "Autoscaler",
            "CertManager",
            "Dashboards",
            "DcgmExporter",
            "DeadMansSwitch",
            "FakeGpuOperator",
            "GpuAlerts",
            "GpuNodes",
            "GpuOperator",
            "HashServer",
            "Istio",
            "Keda",
            "KedaManifests",
            "KubePrometheusStack",
            "KubeStateMetricsManifests",
            "LlmServer",
            "LoadGenerator",
            "LogCollectorManifests",
            "Logging",
            "LokiManifests",
            "MetricsServer",
            "MetricsServerManifests",
            "MonitoringManifests",
            "Podinfo",
            "PodinfoManifests",
            "PrometheusAdapter",
            "PrometheusAdapterManifests",
            "QueueingProxy",
            "RedisExporter",
            "RedisQueue",
            "SecureNamespace",
            "ServiceIdentity",
            "SimulatedGpus",
            "Traefik",
            "TrainingJob",
            "VectorAdd",
            "WebServer",
            "autoscalerPanels",
            "chainKey",
            "chainLabel",
            "chartVersion",
            "charts",
            "dashboardUids",
            "dcgmMetrics",
            "deadMansSwitchUrl",
            "demandSeries",
            "fakeDcgmMetrics",
            "gpuPodPlacement",
            "images",
            "llmServerOpenings",
            "llmServerScaling",
            "loadGeneratorOpenings",
            "meshLabels",
            "meshOpenings",
            "metricOfSignal",
            "publicDashboards",
            "queueingProxyOpenings",
            "readClusterFacts",
            "runbookLinks",
            "signalRule",
            "signals",
            "simulatedDcgmMetrics",
            "simulatedGpuLoad",
            "simulatedGpuState",
            "simulatedPoolLabel",
            "simulatedUtilizationAnnotation",
            "trainingJobOpenings",
            "webServerOpenings",
        ]);
    });

    it("exports these types and no others", () => {
        const names = [...source("index.ts").matchAll(/\{([^}]*)\}/g)]
            .flatMap(([, list]) => (list as string).split(","))
            .map((name) => name.trim().replace(/^type /, ""))
            .filter((name) => name !== "" && !(name in library));
        assert.deepEqual(names.sort(), [
            "AlertDelays",
            "ApiService",
            "AutoscalerArgs",
            "AutoscalingPlatform",
            "Backend",
            "CertManagerArgs",
            "CertManagerValues",
            "Chain",
            "ChainSignal",
            "ChartKey",
            "ChartSource",
            "ClusterFacts",
            "DashboardName",
            "DashboardSource",
            "DashboardsArgs",
            "DcgmExporterArgs",
            "DcgmExporterValues",
            "DeadMansSwitchArgs",
            "ElasticsearchArgs",
            "Endpoints",
            "Exposure",
            "FakeGpuOperatorArgs",
            "FakeGpuOperatorValues",
            "GpuAlertsArgs",
            "GpuMig",
            "GpuNodeSource",
            "GpuNodesArgs",
            "GpuOperatorArgs",
            "GpuOperatorValues",
            "GpuPodPlacement",
            "GpuSharing",
            "HashServerArgs",
            "Hop",
            "HostIngress",
            "Images",
            "Issuer",
            "IstioArgs",
            "KedaArgs",
            "KedaManifestsArgs",
            "KedaPace",
            "KedaValues",
            "KibanaArgs",
            "KibanaIngress",
            "KubePrometheusStackArgs",
            "KubePrometheusStackValues",
            "KubeStateMetricsManifestsArgs",
            "LlmEngine",
            "LlmProxyArgs",
            "LlmScaling",
            "LlmServerArgs",
            "LlmSimulation",
            "Load",
            "LoadGeneratorArgs",
            "LogCollectorManifestsArgs",
            "LoggingArgs",
            "LokiManifestsArgs",
            "MetricsServerArgs",
            "MetricsServerManifestsArgs",
            "MetricsServerValues",
            "MonitoringManifestsArgs",
            "NamespaceRules",
            "Opening",
            "Panel",
            "PinnedChart",
            "PodSecurityLevel",
            "PodinfoArgs",
            "PodinfoManifestsArgs",
            "PodinfoValues",
            "Problem",
            "PrometheusAdapterArgs",
            "PrometheusAdapterManifestsArgs",
            "PrometheusAdapterValues",
            "QueueingProxyArgs",
            "RedisExporterArgs",
            "RedisExporterValues",
            "RedisQueueArgs",
            "ScaleTarget",
            "ScalingPace",
            "SecretKey",
            "SecureNamespaceArgs",
            "ServiceIdentityArgs",
            "Signal",
            "SimulatedGpuLoad",
            "SimulatedGpuState",
            "SimulatedGpusArgs",
            "TargetContainer",
            "TraefikArgs",
            "TraefikExposure",
            "TraefikValues",
            "TrainingJobArgs",
            "TrainingStorage",
            "Values",
            "VectorAddArgs",
            "WebServerArgs",
        ]);
    });

    it("re-exports every component of its top level", () => {
        const classes = files
            .filter((file) => !/^(?!manifests\/).*\/|manifests\/.*\//.test(file))
            .flatMap((file) => [
                ...source(file).matchAll(/^export class (\w+) extends pulumi\.ComponentResource/gm),
            ])
            .map(([, name]) => name as string);
        assert.ok(classes.length >= 5);
        for (const name of classes) assert.ok(name in library, `${name} is not in components/index.ts`);
    });

    it("does nothing when it is imported but give its names", () => {
        const lines = source("index.ts")
            .replace(/\{[^}]*\}/g, "{}")
            .trim()
            .split("\n");
        for (const line of lines) assert.match(line, /^export (type )?\{\} from "\.\/([a-z]+\/)?[a-z-]+";$/);
    });

    for (const file of files) {
        const classes = [...source(file).matchAll(/^export class (\w+) extends pulumi\.ComponentResource/gm)];
        for (const [, name] of classes) {
            it(`${name} begins with its own type token and ends with registering its outputs`, () => {
                const statements = constructorOf(file, name as string);
                assert.match(
                    statements[0] ?? "",
                    new RegExp(`^super\\("pulumi-kube-observability:index:${name}", `),
                );
                assert.match(statements.at(-1) ?? "", /^this\.registerOutputs\(/);
                const all = statements.filter((statement) => statement.includes("registerOutputs("));
                assert.equal(all.length, 1);
            });
        }

        it(`${file} is short, imports Kubernetes by parts and reads no configuration`, () => {
            const text = source(file);
            // A table is as long as it has rows.
            assert.ok(
                file === join("charts", "pins.ts") || text.split("\n").length <= 200,
                `${text.split("\n").length} lines`,
            );
            assert.doesNotMatch(text, /from "@pulumi\/(kubernetes|random)"/);
            assert.doesNotMatch(text, /new pulumi\.Config|process\.env/);
        });
    }

    it("offers components that Pulumi recognises as such", () => {
        assert.ok(library.MonitoringManifests.prototype instanceof pulumi.ComponentResource);
    });
});
