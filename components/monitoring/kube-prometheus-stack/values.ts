import type { Values } from "../../charts/install-chart";
import { resources } from "../../conventions";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { exporterValues } from "./exporters";
import { grafanaValues } from "./grafana";
import { fullName } from "./names";
import { alertmanagerValues, prometheusValues } from "./prometheus";
import { leanRelabelings } from "./series";

/** The keys of the chart kube-prometheus-stack that the component sets. */
export interface KubePrometheusStackValues extends Values {
    readonly fullnameOverride?: string;
    readonly crds?: Values;
    readonly prometheusOperator?: Values;
    readonly prometheus?: Values;
    readonly alertmanager?: Values;
    readonly grafana?: Values;
    readonly kubelet?: Values;
    readonly coreDns?: Values;
    readonly kubeApiServer?: Values;
    readonly kubeEtcd?: Values;
    readonly kubeScheduler?: Values;
    readonly kubeControllerManager?: Values;
    readonly kubeProxy?: Values;
    readonly nodeExporter?: Values;
    readonly "kube-state-metrics"?: Values;
    readonly "prometheus-node-exporter"?: Values;
}

/** The values of the chart kube-prometheus-stack. */
export function kubePrometheusStackValues(args: KubePrometheusStackArgs): KubePrometheusStackValues {
    return {
        fullnameOverride: fullName,
        // They come from a chart of their own, which is installed before.
        crds: { enabled: false },
        prometheusOperator: operatorValues(args),
        prometheus: prometheusValues(args),
        alertmanager: alertmanagerValues(args),
        grafana: grafanaValues(args),
        ...exporterValues(args),
    };
}

function operatorValues(args: KubePrometheusStackArgs) {
    return {
        // Hooks would make their certificate, and a chart that is rendered runs no hooks.
        admissionWebhooks: { enabled: false },
        tls: { enabled: false },
        serviceMonitor: leanRelabelings(args, "prometheusOperator"),
        prometheusConfigReloader: { resources: resources(["10m", "100m"], ["25Mi", "64Mi"]) },
        resources: resources(["10m", "500m"], ["64Mi", "512Mi"]),
    };
}

/** The keys of the chart prometheus-operator-crds that the component sets. */
export interface PrometheusOperatorCrdsValues extends Values {
    readonly crds?: Values;
}

/** The values of the chart prometheus-operator-crds. */
export function prometheusOperatorCrdsValues({
    keepCrds = true,
}: Pick<KubePrometheusStackArgs, "keepCrds">): PrometheusOperatorCrdsValues {
    // Without its definition every monitor, rule and server of the cluster is deleted, whoever made it.
    return { crds: { annotations: keepCrds ? { "helm.sh/resource-policy": "keep" } : {} } };
}
