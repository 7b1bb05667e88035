import { prometheusName } from "../../../components/manifests/monitoring/prometheus";
import { blind, type Expected, type Fault } from "./fault";
import { idleDeployment } from "./objects";
import { cpuStabilizationSeconds, namespace, subjects } from "./subjects";

const everybody = subjects.filter(({ control }) => !control).map(({ name }) => name);
const prometheus = `prometheus/${prometheusName}`;
const ofKeda = ["keda", "zero-keda", "fallback", "several", "consumer"];

/** Scales a Deployment to nothing and back. */
const killed = (name: string, where: string, expected: readonly Expected[], seconds = 45): Fault => ({
    name,
    expected,
    seconds,
    begin: (stage) => stage.scale(where, 0),
    end: (stage) => stage.scale(where, 1),
});

/** Faults of who reads the measure and acts on it. */
export const readerFaults: readonly Fault[] = [
    {
        ...killed(
            "KEDA operator killed, queue at zero",
            "keda/keda-operator",
            blind("metrics-api", ...ofKeda, "asleep"),
        ),
        queueAtZero: true,
        begin: async (stage, flow) => {
            await stage.scale("keda/keda-operator", 0);
            await stage.gone("keda", "keda-operator");
            flow.level = "calm";
        },
    },
    killed("KEDA operator killed", "keda/keda-operator", blind("metrics-api", ...ofKeda, "asleep"), 75),
    killed("KEDA metrics server killed", "keda/keda-metrics-apiserver", blind("metrics-api", ...ofKeda), 75),
    killed(
        "prometheus-adapter killed",
        "prometheus-adapter/prometheus-adapter",
        blind("metrics-api", "adapter", "zero-adapter", "stamped", "own"),
    ),
    killed(
        "metrics-server killed",
        "kube-system/metrics-server",
        blind("metrics-api", "cpu"),
        2 * cpuStabilizationSeconds,
    ),
    killed(
        "kube-state-metrics killed",
        "kube-state-metrics/kube-state-metrics",
        everybody.map((autoscaler) => ({ autoscaler, hop: "autoscaler", alert: "AutoscalerUnwatched" })),
    ),
    {
        name: "Prometheus killed",
        expected: [...blind("prometheus", ...everybody)],
        // Its scale would be that of its shards.
        begin: (stage) => stage.patch("monitoring", prometheus, { spec: { replicas: 0 } }),
        end: (stage) => stage.patch("monitoring", prometheus, { spec: { replicas: 1 } }),
    },
    {
        name: "Prometheus hangs",
        expected: blind("prometheus", ...everybody),
        begin: (stage) => stage.freeze("monitoring", "prometheus", /prometheus.*--config\.file/),
        end: async (stage) => stage.thaw(),
    },
    {
        name: "HPA and ScaledObject deleted",
        expected: blind("autoscaler", "adapter", "keda"),
        begin: (stage) => stage.take(namespace, "hpa/adapter", "scaledobject/keda"),
        end: (stage) => stage.giveBack(),
    },
    {
        name: "targets renamed",
        expected: blind("target", "adapter", "keda"),
        begin: async (stage) => {
            await stage.take(namespace, "deployment/adapter", "deployment/keda");
            for (const name of ["adapter-2", "keda-2"]) await stage.apply(idleDeployment(name, 3));
        },
        end: async (stage) => {
            await stage.giveBack();
            await stage.kubectl(`--namespace=${namespace}`, "delete", "deployment", "adapter-2", "keda-2");
        },
    },
];
