import assert from "node:assert/strict";
import { dcgmMetrics, fakeDcgmMetrics, simulatedDcgmMetrics } from "../../components/gpu/dcgm-metrics";
import { validateGpuAlerts } from "../../components/gpu/gpu-alerts";
import { validateDashboards } from "../../components/monitoring/dashboards";
import { dashboardsOf, gpuAlertsOf } from "../../stacks/dashboards";
import { gpuCloudPlan } from "../../stacks/gpu-cloud";
import { kindPlan } from "../../stacks/kind";

const facts = { apiServices: [] };
const unset = { monitoring: {}, queue: {}, chartVersions: {} };
const always = ["nodes", "containers", "objects", "autoscalers", "prometheus", "queue"];

type KindChoices = Partial<Parameters<typeof kindPlan>[0]>;
type CloudChoices = Partial<Parameters<typeof gpuCloudPlan>[0]>;

const onKind = (choices: KindChoices = {}) => kindPlan({ ...unset, ...choices }, facts);
const onCloud = (choices: CloudChoices = {}) =>
    gpuCloudPlan(
        { ...unset, domain: "example.com", gpu: {}, nodes: {}, logging: {}, ...choices } as Parameters<
            typeof gpuCloudPlan
        >[0],
        facts,
    );

describe("dashboards and alerts of the chart stacks", () => {
    it("are for what kind has: simulated GPUs, and the collector of logs", () => {
        const plan = onKind();
        assert.deepEqual(dashboardsOf(plan).sources, [...always, "gpu", "fluent-bit"]);
        assert.deepEqual(dashboardsOf(plan).gpuMetrics, simulatedDcgmMetrics);
        assert.deepEqual(gpuAlertsOf(plan)?.metrics, simulatedDcgmMetrics);
        assert.equal(gpuAlertsOf(plan)?.idleMinutes, "never");
        const other = onKind({ gpus: "fake-gpu-operator" });
        assert.deepEqual(dashboardsOf(other).gpuMetrics, fakeDcgmMetrics);
        assert.deepEqual(gpuAlertsOf(other)?.metrics, fakeDcgmMetrics);
    });

    it("are not for what is switched off", () => {
        const plan = onKind({ gpus: "none", logging: false });
        assert.deepEqual(dashboardsOf(plan).sources, always);
        assert.equal(gpuAlertsOf(plan), undefined);
    });

    it("are for the proxy where there is a language model, and for vLLM's own series where it is that", () => {
        assert.deepEqual(
            dashboardsOf(onKind({ gpus: "none", logging: false, llm: { enabled: true } })).sources,
            [...always, "proxy"],
        );
        const { sources } = dashboardsOf(onCloud({ llm: { enabled: true } }));
        assert.deepEqual(
            sources.filter((source) => ["proxy", "llm", "vllm"].includes(source)),
            ["proxy", "vllm"],
        );
    });

    it("are for every metric of real GPUs, and for those that an exporter is told to have", () => {
        const plan = onCloud();
        assert.equal(dashboardsOf(plan).gpuMetrics, undefined);
        assert.equal(gpuAlertsOf(plan)?.metrics, undefined);
        assert.equal(gpuAlertsOf(plan)?.idleMinutes, undefined);
        const field = dcgmMetrics[0];
        const counters = [{ field, type: "gauge", help: "Clock" }] as const;
        const told = { ...plan, gpuOperator: { ...plan.gpuOperator, customMetrics: counters } };
        assert.deepEqual(dashboardsOf(told).gpuMetrics, [field]);
        assert.deepEqual(dashboardsOf({ ...plan, gpuOperator: undefined }).sources.includes("gpu"), false);
    });

    it("are valid in every case", () => {
        for (const plan of [onKind(), onKind({ gpus: "none", logging: false }), onCloud()]) {
            assert.deepEqual(validateDashboards(dashboardsOf(plan)), []);
            assert.deepEqual(validateGpuAlerts(gpuAlertsOf(plan) ?? {}), []);
        }
    });
});
