import type { Metadata } from "../read/objects";
import type { Namespace, PrometheusObject, RuleObject } from "../read/objects-around";
import type { MonitorFacts } from "../snapshot-source";
import { selects } from "./selectors";

/** Whether a Prometheus object takes a monitor; undefined where there is no such object to tell. */
export function takesMonitor(
    object: PrometheusObject | undefined,
    { kind, object: monitor }: Pick<MonitorFacts, "kind" | "object">,
    namespaces: readonly Namespace[],
): boolean | undefined {
    if (!object || !monitor) return undefined;
    const { spec } = object;
    const [selector, namespaceSelector] =
        kind === "ServiceMonitor"
            ? [spec.serviceMonitorSelector, spec.serviceMonitorNamespaceSelector]
            : [spec.podMonitorSelector, spec.podMonitorNamespaceSelector];
    return (
        selects(selector, monitor.metadata.labels) &&
        inReach(object, monitor.metadata, namespaceSelector, namespaces)
    );
}

/** Whether a Prometheus object takes a PrometheusRule. */
export function takesRule(
    object: PrometheusObject | undefined,
    rule: RuleObject | undefined,
    namespaces: readonly Namespace[],
): boolean | undefined {
    if (!object || !rule) return undefined;
    const { ruleSelector, ruleNamespaceSelector } = object.spec;
    return (
        selects(ruleSelector, rule.metadata.labels) &&
        inReach(object, rule.metadata, ruleNamespaceSelector, namespaces)
    );
}

/** Without a selector of namespaces, a Prometheus looks into its own. */
function inReach(
    object: PrometheusObject,
    { namespace }: Metadata,
    selector: PrometheusObject["spec"]["ruleNamespaceSelector"],
    namespaces: readonly Namespace[],
): boolean {
    if (!selector) return namespace === object.metadata.namespace;
    const empty = Object.keys(selector).length === 0;
    const known = namespaces.find(({ metadata }) => metadata.name === namespace);
    const labels = known?.metadata.labels ?? { "kubernetes.io/metadata.name": namespace ?? "" };
    return empty || selects(selector, labels);
}
