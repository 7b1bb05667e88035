import { parses } from "../chain/promql";
import { age } from "../chain/quantity";
import { isNamed, recordsIn } from "../chain/recordings";
import { labelText, selectorText } from "../chain/selectors";
import { broken, type Judgement, none, ok, together, unknown } from "../judgement";
import { couldNotLook, valueOr } from "../read/answer";
import type { SignalFacts, Snapshot } from "../snapshot";
import type { RuleFacts } from "../snapshot-source";
import { atZero } from "./common";
import { freshSeconds } from "./series";
import { isBeginning, isSettling } from "./settling";

/** The recording rule is written, taken by Prometheus, evaluated, and gives a fresh number. */
export function judgeRule(snapshot: Snapshot): Judgement {
    const parts = snapshot.signals.flatMap((signal) =>
        signal.rules.map((rule) => [rule.selector.text, judgeOne(rule, signal, snapshot)] as const),
    );
    return parts.length === 0 ? none("no signal reads a recorded series") : together([...new Map(parts)]);
}

function judgeOne(rule: RuleFacts, signal: SignalFacts, snapshot: Snapshot): Judgement {
    const { record, object, objects, loaded, selected } = rule;
    const { prometheus } = signal;
    const name = object ? `PrometheusRule ${object.metadata.namespace}/${object.metadata.name}` : "";
    if (!object && couldNotLook(objects) && !loaded) return unknown("PrometheusRules", objects.failure);
    if (!object && !(loaded && !fromOperator(loaded, prometheus?.groups))) return nowhere(rule, snapshot);
    if (object && rule.expr !== undefined && !parses(rule.expr)) {
        return broken(
            `the expression of ${record} in ${name} is no PromQL`,
            `Correct it: \`kubectl -n ${object.metadata.namespace} edit prometheusrule ${object.metadata.name}\`.`,
            rule.expr,
        );
    }
    if (selected === false && object && prometheus?.object) {
        const { spec, metadata } = prometheus.object;
        const label = Object.entries(spec.ruleSelector?.matchLabels ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .join(" ");
        return broken(
            `Prometheus ${metadata.namespace}/${metadata.name} does not take ${name}: it takes rules with ${selectorText(spec.ruleSelector)}, in namespaces with ${spec.ruleNamespaceSelector ? selectorText(spec.ruleNamespaceSelector) : "its own name"}`,
            label
                ? `\`kubectl -n ${object.metadata.namespace} label prometheusrule ${object.metadata.name} --overwrite ${label}\``
                : "Widen ruleSelector or ruleNamespaceSelector of the Prometheus object.",
            `${name} has ${labelText(object.metadata.labels)}`,
        );
    }
    if (!prometheus?.answers.ok) return none("Prometheus does not answer");
    if (couldNotLook(prometheus.groups) && !hasSamples(rule))
        return unknown("rules of Prometheus", prometheus.groups.failure);
    if (prometheus.groups.ok && !loaded) {
        if (isSettling(object, prometheus, snapshot.now))
            return ok(`${name} has just been written`, ["not loaded by Prometheus yet"]);
        const stopped = prometheus.operatorRuns === false;
        const refused = prometheus.runtime.ok && prometheus.runtime.value.reloadConfigSuccess === false;
        return broken(
            `Prometheus has not loaded ${name || record}${refused ? ": it refused its last configuration" : stopped ? ": the prometheus-operator, which brings it there, does not run" : ""}`,
            refused
                ? "See Prometheus' log for what is wrong."
                : "Wait a minute after a change; then see whether the prometheus-operator runs, and its log.",
            `/api/v1/rules has no ${record} as ${rule.selector.text}`,
        );
    }
    return judgeEvaluation(rule, signal, snapshot, name || record);
}

function judgeEvaluation(rule: RuleFacts, signal: SignalFacts, snapshot: Snapshot, name: string): Judgement {
    const { loaded, present, record, selector } = rule;
    const interval = loaded?.interval ?? 30;
    const since = loaded?.lastEvaluation ? (snapshot.now - Date.parse(loaded.lastEvaluation)) / 1000 : 0;
    const evidence = loaded
        ? [`${name} is loaded, health ${loaded.health}, evaluated ${age(since)} ago`]
        : [];
    if (loaded?.health === "err")
        return broken(
            `the rule of ${record} fails: ${loaded.lastError}`,
            "Correct its expression.",
            evidence,
        );
    if (loaded && loaded.health === "ok" && since > freshSeconds(interval)) {
        return broken(
            `the rule of ${record} was last evaluated ${age(since)} ago`,
            "See whether Prometheus keeps up: prometheus_rule_group_iterations_missed_total.",
            evidence,
        );
    }
    if (!present.ok) return unknown(`series ${selector.text}`, present.failure);
    const usable = present.value.filter(({ value }) => Number.isFinite(value));
    const [sample] = usable;
    if (sample) {
        const old = snapshot.now / 1000 - sample.at;
        if (old > freshSeconds(interval))
            return broken(
                `the last sample of ${record} is ${age(old)} old`,
                "See why the rule gives nothing new.",
                evidence,
            );
        return ok([...evidence, `${selector.text} = ${sample.value}, ${age(old)} old`]);
    }
    if (signal.sources.length > 0 && signal.sources.every(({ own }) => own) && atZero(snapshot))
        return none("its sources are the target's own pods, and there are none");
    if (isBeginning(signal, snapshot)) return ok(evidence, ["no value yet: its source has just started"]);
    if (present.value.length > 0)
        return broken(
            `${record} is ${present.value[0]?.value}, which is no number`,
            "Correct the expression: it divides by zero, or takes a quantile of nothing.",
            evidence,
        );
    if (loaded?.health === "unknown") return ok(evidence, ["not evaluated yet"]);
    return broken(
        `the rule of ${record} gives nothing for ${selector.text}`,
        `Try its expression by hand, part by part: ${rule.expr ?? loaded?.query}`,
        [...evidence, `${selector.text}: no series`],
    );
}

function nowhere(
    { record, expected, objects, loaded, selector }: RuleFacts,
    { subject }: Snapshot,
): Judgement {
    const named = valueOr(objects, []).find((object) => isNamed(object, expected));
    const where = expected?.includes("/")
        ? expected
        : expected
          ? `${subject.namespace}/${expected}`
          : undefined;
    const alike = valueOr(objects, []).flatMap((object) =>
        recordsIn(object, record).map(
            ({ labels }) =>
                `${object.metadata.namespace}/${object.metadata.name} records it with ${labelText(labels)}`,
        ),
    );
    const evidence = [
        loaded
            ? "Prometheus still has it loaded, and will drop it"
            : `no PrometheusRule records ${selector.text}`,
        ...alike.slice(0, 3),
    ];
    if (where && !named)
        return broken(
            `PrometheusRule ${where}, which records ${record}, is not there`,
            "Create it again: `pulumi up`, or from where it came.",
            evidence,
        );
    if (where)
        return broken(
            `PrometheusRule ${where} does not record ${selector.text}`,
            `Add the rule back: \`kubectl -n ${named?.metadata.namespace} edit prometheusrule ${named?.metadata.name}\`.`,
            evidence,
        );
    return broken(
        `nothing records ${selector.text}`,
        "Create a PrometheusRule that records it, or correct the name and labels in the query.",
        evidence,
    );
}

/** Whether a loaded rule was written by the prometheus-operator, and so has an object. */
function fromOperator(
    loaded: RuleFacts["loaded"],
    groups: NonNullable<SignalFacts["prometheus"]>["groups"] | undefined,
): boolean {
    const files = valueOr(groups ?? { ok: true, value: [] }, []).filter(({ rules }) =>
        rules.some(({ name }) => name === loaded?.name),
    );
    return files.some(({ file }) => /rulefiles-\d+\//.test(file ?? ""));
}

function hasSamples({ present }: RuleFacts): boolean {
    return valueOr(present, []).length > 0;
}
