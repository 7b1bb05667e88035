import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scaledObjectCondition } from "../../../components/autoscaling/scaled-object-state";
import { dcgmMetrics } from "../../../components/gpu/dcgm-metrics";
import { collectorSeries } from "../../../components/manifests/log-collector/rules";
import { lokiSeries } from "../../../components/manifests/loki/rules";
import { keptSeries } from "../../../components/manifests/monitoring/kubelet-monitor";
import { leanNames } from "../../../components/monitoring/kube-prometheus-stack/series";
import { simulatorSeries } from "../../../components/workloads/llm-server/simulator";
import { vllmSeries } from "../../../components/workloads/llm-server/vllm";
import { proxySeries } from "../../../components/workloads/queueing-proxy/monitor";

/** Which series there are, as far as this repository decides it: what a panel or a rule asks for is to be among them. */

const root = join(__dirname, "..", "..", "..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const whole = (names: string) => new RegExp(`^(?:${names})$`);

/** What the stand-in for kube-state-metrics of the dev stack tells. */
function standIn(): string {
    const folder = join(root, "local/go/stand-ins/state-metrics");
    const text = readdirSync(folder)
        .filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"))
        .map((file) => readFileSync(join(folder, file), "utf8"))
        .join("\n");
    const prefixes = {
        ofAutoscaler: "kube_horizontalpodautoscaler_",
        ofDeployment: "kube_deployment_",
        ofStatefulSet: "kube_statefulset_",
        ofBudget: "kube_poddisruptionbudget_status_",
    };
    return [
        ...[...text.matchAll(/\bof\("(kube_\w+)"/g)].map(([, name]) => name as string),
        ...Object.entries(prefixes).flatMap(([maker, prefix]) =>
            [...text.matchAll(new RegExp(`\\b${maker}\\("(\\w+)"`, "g"))].map(
                ([, name]) => `${prefix}${name}`,
            ),
        ),
        scaledObjectCondition,
    ].join("|");
}

/** By the beginning of a name: the expressions that all have to match it, of the dev stack and of the lean profile. */
const families: readonly (readonly [begins: RegExp, dev: readonly RegExp[], lean: readonly RegExp[]])[] = [
    [/^kube_/, [whole(standIn())], [whole(leanNames("kubeStateMetrics"))]],
    [/^node_/, [], [whole(leanNames("nodeExporter"))]],
    [/^container_/, [whole(keptSeries["/metrics/cadvisor"] ?? "")], [whole(leanNames("cAdvisor"))]],
    [/^kubelet_/, [whole(keptSeries["/metrics"] ?? "")], [whole(leanNames("kubelet"))]],
    [/^prometheus_operator_/, [], [whole(leanNames("prometheusOperator"))]],
    [/^prometheus_(?!operator_)/, [], [whole(leanNames("prometheus"))]],
    [/^alertmanager_/, [], [whole(leanNames("alertmanager"))]],
    [/^process_/, [], [whole(leanNames("prometheus"))]],
    [/^haproxy_/, [whole(proxySeries.join("|"))], []],
    [/^DCGM_/, [whole([...dcgmMetrics, "DCGM_FI_DEV_ECC_[SD]BE_VOL_TOTAL"].join("|"))], []],
    [/^(ollama_simulator|http)_/, [whole(simulatorSeries.join("|"))], []],
    [/^vllm:/, [whole(vllmSeries.join("|"))], []],
    [/^consumer_/, [inProgram("consumer.py")], []],
    [/^producer_/, [inProgram("producer.py")], []],
    [/^otelcol_/, [whole(collectorSeries.join("|"))], []],
    [/^loki_/, [whole(lokiSeries.join("|"))], []],
    // Upstream's own, of which nothing is left out.
    [/^(redis|fluentbit|fluentd|dead_mans_switch)_/, [], []],
    [/^(up|ALERTS|scrape_(duration_seconds|samples_scraped)|autoscaler:demand)$/, [], []],
];

function inProgram(file: string): RegExp {
    const names = [...read("components/apps/queue", file).matchAll(/# TYPE (\w+) counter/g)];
    return whole(names.map(([, name]) => name).join("|"));
}

/** Why a metric is not there: undefined where it is, on the dev stack and, unless `devOnly`, in the lean profile. */
export function missing(metric: string, devOnly = false): string | undefined {
    const family = families.find(([begins]) => begins.test(metric));
    if (family === undefined) return "nobody is known to tell of it";
    const [, dev, lean] = family;
    if (!dev.every((names) => names.test(metric))) return "the dev stack does not keep it";
    if (!devOnly && !lean.every((names) => names.test(metric))) return "the lean profile does not keep it";
    return undefined;
}

/** The name of the metric of a selector. */
export function metricOf(selector: string): string {
    return /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0] ?? "";
}
