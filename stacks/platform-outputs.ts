import type { PlatformOutputs } from "./outputs";
import type { Platform, PlatformPlan } from "./platform";

/** Why platforms of charts have no Loki. */
export const noLoki = "not part of this stack: its logs are in Elasticsearch (kibanaUrl)";

/**
 * The outputs of a platform of charts.
 *
 * @param reasons why an output may be absent, by its name
 */
export function platformOutputs(
    plan: PlatformPlan,
    { monitoring, logging }: Platform,
    reasons: Readonly<Record<string, string>>,
): PlatformOutputs {
    const { grafana, prometheus, alertmanager } = monitoring.endpoints;
    const { credentials } = logging ?? {};
    const outputs = {
        prometheusUrl: prometheus ?? null,
        alertmanagerUrl: alertmanager ?? null,
        grafanaUrl: grafana ?? null,
        grafanaUser: monitoring.grafanaAdminUser,
        grafanaPassword: monitoring.grafanaAdminPassword,
        kibanaUrl: logging?.kibanaUrl ?? null,
        kibanaUser: logging ? "elastic" : null,
        producerUrl: plan.producerIngress ? `https://${plan.producerIngress.host}` : null,
        podinfoUrl: plan.podinfo.ingress ? `https://${plan.podinfo.ingress.host}` : null,
        hashUrl: plan.hash?.ingress ? `https://${plan.hash.ingress.host}` : null,
        // It has no login, and lets everybody use up the GPUs: inside the cluster only.
        llmUrl: null,
        // On a cluster with GPUs that is whatever its users run.
        gpuUrl: plan.gpuServer?.ingress ? `https://${plan.gpuServer.ingress.host}` : null,
        lokiUrl: null,
    };
    const absent = Object.entries(outputs).filter(([, value]) => value === null);
    const notes = Object.fromEntries(
        absent.map(([name]) => [name, { lokiUrl: noLoki, ...reasons }[name] ?? "not part of this stack"]),
    );
    return {
        ...outputs,
        notes: {
            ...notes,
            ...(credentials && {
                // The operator writes it while Elasticsearch starts: a preview, which runs nothing, could not read it.
                kibanaPassword:
                    `kubectl --namespace ${credentials.namespace} get secret ${credentials.secret} ` +
                    "--output go-template='{{.data.elastic | base64decode}}'",
            }),
        },
    };
}
