import type { Problem } from "../../problems";
import type { PrometheusAdapterValues } from "../prometheus-adapter";

/**
 * Problems with values of the user: rules by which the chart would take an API from its owner, and a private key,
 * which values would show to everyone who may read them.
 */
export function checkAdapterValues(property: string, values: PrometheusAdapterValues | undefined): Problem[] {
    const rules = mapOf(values?.rules);
    const tls = mapOf(values?.tls);
    return [
        ...refuse(
            `${property}.rules.external`,
            rules.external,
            "no rules for external metrics: KEDA provides external.metrics.k8s.io",
            "remove them, and scale on external metrics through KEDA",
        ),
        ...refuse(
            `${property}.rules.resource`,
            rules.resource,
            "no rules for resource metrics: the metrics server provides metrics.k8s.io",
            "remove them, and install MetricsServer where the cluster has none",
        ),
        ...refuse(
            `${property}.rules.existing`,
            rules.existing,
            "no ConfigMap of rules: it would replace the rule of this component, unseen",
            "write the rules into rules.custom, with signalRule among them",
        ),
        ...(isSet(tls.enable) || isSet(tls.key)
            ? refuse(
                  `${property}.tls`,
                  "a certificate",
                  "no certificate in values: its key would be readable in them",
                  "let the adapter sign its own, as it does, or set certManager.enabled",
              )
            : []),
    ];
}

function refuse(property: string, given: unknown, allowed: string, fix: string): Problem[] {
    return isSet(given) ? [{ property, given, allowed, fix }] : [];
}

/** Whether a template takes a value for given: Helm's idea of truth. */
function isSet(value: unknown): boolean {
    return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
