import assert from "node:assert/strict";
import {
    hasForeignMetricsServer,
    MetricsServer,
    type MetricsServerArgs,
    metricsServerValues,
    validateMetricsServer,
} from "../../components/autoscaling/metrics-server";
import { ownerAnnotation } from "../../components/cluster/cluster-facts";
import { itSetsOnlyKeysOf } from "./support/chart-keys";
import { record } from "./support/mocks";

const registered = (annotations: Record<string, string> = {}) => ({
    apiServices: [{ name: "v1beta1.metrics.k8s.io", service: "kube-system/metrics-server", annotations }],
});

async function chartsOf(args: MetricsServerArgs) {
    const { resources } = await record(() => new MetricsServer("metrics-server", args));
    return resources.filter(({ type }) => type === "kubernetes:helm.sh/v4:Chart");
}

describe("MetricsServer", () => {
    it("installs the pinned chart into kube-system, and nothing else", async () => {
        const { resources } = await record(() => new MetricsServer("metrics-server"));
        assert.deepEqual(
            resources.map(({ type }) => type),
            ["pulumi-kube-observability:index:MetricsServer", "kubernetes:helm.sh/v4:Chart"],
        );
        const { values, ...inputs } = resources[1]?.inputs ?? {};
        assert.deepEqual(inputs, {
            chart: "metrics-server",
            version: "3.13.1",
            repositoryOpts: { repo: "https://kubernetes-sigs.github.io/metrics-server/" },
            name: "metrics-server",
            namespace: "kube-system",
            skipCrds: true,
        });
        assert.deepEqual(values, metricsServerValues({}));
    });

    it("installs nothing where another metrics server provides the API", async () => {
        assert.equal((await chartsOf({ facts: registered() })).length, 0);
    });

    it("stays where it provides the API itself", async () => {
        assert.equal(
            (await chartsOf({ facts: registered({ [ownerAnnotation]: "metrics-server" }) })).length,
            1,
        );
    });

    it("says whether it was installed", () => {
        assert.equal(hasForeignMetricsServer(undefined), false);
        assert.equal(hasForeignMetricsServer({ apiServices: [] }), false);
        assert.equal(hasForeignMetricsServer(registered()), true);
    });

    it("merges the user's values last", async () => {
        const [chart] = await chartsOf({ values: { replicas: 3, resources: { limits: { memory: "1Gi" } } } });
        assert.equal(chart?.inputs.values.replicas, 3);
        assert.deepEqual(chart?.inputs.values.resources, {
            requests: { cpu: "100m", memory: "200Mi" },
            limits: { memory: "1Gi" },
        });
    });

    it("accepts unsigned kubelet certificates only where told to", () => {
        assert.deepEqual(metricsServerValues({}).args, []);
        assert.deepEqual(metricsServerValues({ kubeletInsecureTls: true }).args, ["--kubelet-insecure-tls"]);
    });

    it("keeps one pod through disruptions when it has two", () => {
        assert.deepEqual(metricsServerValues({ replicas: 2 }).podDisruptionBudget, {
            enabled: true,
            minAvailable: 1,
        });
    });

    it("refuses what is out of range, all at once", () => {
        assert.deepEqual(
            validateMetricsServer({ replicas: 0, resolutionSeconds: 1 }).map(({ property }) => property),
            ["resolutionSeconds", "replicas"],
        );
    });

    itSetsOnlyKeysOf("metricsServer", () => [
        metricsServerValues({ replicas: 2, kubeletInsecureTls: true, resolutionSeconds: 30 }),
        metricsServerValues({}),
    ]);
});
