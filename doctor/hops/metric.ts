import { agrees, lately, total } from "../chain/agreement";
import { containerOf, metricName, resourceOf } from "../chain/plan";
import { conditionOf, isReady, secondsSince } from "../chain/pod-health";
import { figure } from "../chain/quantity";
import { broken, type Judgement, none, ok, unknown } from "../judgement";
import { valueOr } from "../read/answer";
import type { MetricsApiFacts, Reading, SignalFacts, Snapshot } from "../snapshot";
import { atZero, count, eachSignal, livePods } from "./common";

/** Seconds after which the resource metrics API should know a pod. */
const measuredWithin = 60;

/** The metric is served, is a number, and is the one that Prometheus has. */
export function judgeMetric(snapshot: Snapshot): Judgement {
    return eachSignal(snapshot, (signal) => judgeSignal(signal, snapshot));
}

function judgeSignal(signal: SignalFacts, snapshot: Snapshot): Judgement {
    const { reading, spec, via } = signal;
    if (!spec || !reading) return none("there is no HPA that asks for it");
    if (via === "resource" && atZero(snapshot)) return none("at zero replicas there is nothing to measure");
    const name = metricName(spec) ?? signal.name;
    if (!reading.ok) return judgeRefusal(signal, snapshot, name, reading.failure);
    if (reading.value.pods) return judgePods(signal, snapshot, reading.value);
    return judgeValues(signal, snapshot, name, reading.value);
}

function judgeRefusal(
    signal: SignalFacts,
    snapshot: Snapshot,
    name: string,
    failure: Extract<SignalFacts["reading"], { ok: false }>["failure"],
): Judgement {
    if (failure.kind === "forbidden") return unknown(`metric ${name}`, failure);
    if (!apiWorks(signal, snapshot)) return none("its metrics API does not work");
    if (signal.sources.length > 0 && signal.sources.every(({ own }) => own) && atZero(snapshot))
        return none("at zero replicas its source gives nothing");
    if (snapshot.subject.scaledObject && (failure.kind !== "missing" || !mismatched(signal, snapshot))) {
        return none(`KEDA answers "${failure.message}": the trigger is looked at below`);
    }
    return broken(
        `the metrics API has no ${name}: ${failure.message}`,
        snapshot.subject.scaledObject
            ? "Let KEDA write the HPA anew: delete the HPA."
            : "Correct the metric's name and selector in the HPA, or the adapter's rule; the adapter lists series anew at each relist interval.",
        `${failure.path}: ${failure.message}`,
    );
}

/** Whether the HPA asks KEDA for a metric that its ScaledObject does not have. */
function mismatched({ spec }: SignalFacts, { subject }: Snapshot): boolean {
    const names = subject.scaledObject?.status?.externalMetricNames;
    const asked = spec?.external?.metric.name;
    return names !== undefined && asked !== undefined && !names.includes(asked);
}

function apiWorks({ via, spec }: SignalFacts, { apis }: Snapshot): boolean {
    const group: MetricsApiFacts["group"] =
        via === "resource"
            ? "metrics.k8s.io"
            : spec?.type === "External"
              ? "external.metrics.k8s.io"
              : "custom.metrics.k8s.io";
    const api = apis.find((candidate) => candidate.group === group);
    const [registered] = valueOr(api?.apiServices ?? { ok: true, value: [] }, []);
    const operatorRuns = api?.operatorPods?.ok !== true || api.operatorPods.value.some(isReady);
    return conditionOf(registered?.status?.conditions, "Available")?.status === "True" && operatorRuns;
}

function judgePods({ spec }: SignalFacts, snapshot: Snapshot, { pods = [] }: Reading): Judgement {
    const resource = resourceOf(spec)?.name ?? "";
    const container = containerOf(spec);
    const ready = livePods(snapshot).filter(isReady);
    const old = ready.filter(
        (pod) =>
            secondsSince(conditionOf(pod.status?.conditions, "Ready")?.lastTransitionTime, snapshot.now) >
            measuredWithin,
    );
    const known = new Map(pods.map((pod) => [pod.metadata.name, pod]));
    const measured = ready.filter(({ metadata }) =>
        (known.get(metadata.name)?.containers ?? []).some(
            ({ name, usage }) =>
                (container === undefined || name === container) && usage[resource] !== undefined,
        ),
    );
    const evidence = `metrics.k8s.io has ${resource} of ${measured.length} of ${count(ready.length, "Ready pod")}`;
    const exists =
        container === undefined ||
        ready.some(({ spec }) => spec.containers.some(({ name }) => name === container));
    if (old.length > 0 && measured.length === 0 && exists) {
        return broken(
            `metrics-server knows no ${resource} of the target's pods`,
            "See `kubectl -n kube-system logs deployment/metrics-server`: it may not reach the kubelets.",
            evidence,
        );
    }
    const late = ready.length - measured.length;
    return ok(evidence, late > 0 && exists ? [`${count(late, "pod")} not measured yet`] : []);
}

function judgeValues(
    { query, via, rules }: SignalFacts,
    { subject }: Snapshot,
    name: string,
    { values }: Reading,
): Judgement {
    if (values.length === 0) {
        return broken(
            `the metrics API lists ${name}, and has no value of it`,
            "Correct the metric's selector in the HPA.",
            `${name}: no items`,
        );
    }
    const sum = total({ values });
    if (!Number.isFinite(sum))
        return broken(
            `${name} is ${sum}, which is no number`,
            "Correct the query, which divides by zero.",
            `${name} = ${sum}`,
        );
    const evidence = `${name} = ${figure(sum)}${values.length > 1 ? ` over ${values.length} objects` : ""}`;
    const onFallback = conditionOf(subject.scaledObject?.status?.conditions, "Fallback")?.status === "True";
    const comparable = via === "external" ? subject.scaledObject !== undefined : rules.length > 0;
    const span = query && lately(query);
    if (!span || !comparable || onFallback || name === "composite-metric") return ok(evidence);
    const { min, max } = span;
    const theirs = min === max ? figure(min) : `${figure(min)} to ${figure(max)} within two minutes`;
    if (agrees(sum, query)) return ok(`${evidence}; in Prometheus ${theirs}`);
    return broken(
        `the metrics API says ${figure(sum)}, and Prometheus ${theirs}`,
        "See whether its server asks the same Prometheus with the same query.",
        [evidence, `${query.text}: ${theirs}`],
    );
}
