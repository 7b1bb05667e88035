/**
 * Every chart that the library installs: the only place where a chart's version stands. docs/upgrading.md says
 * how a row is moved to another version, and what proves the move.
 *
 * `through` says how a chart is installed, and the rule is one: a chart that brings CustomResourceDefinitions
 * goes through Helm itself (`helm.v3.Release`), any other is rendered into resources of its own (`helm.v4.Chart`).
 *
 * - As resources one by one, the ten definitions of the prometheus-operator took 110 s of a 130 s install; in a
 *   Release they take 3 s. Helm also keeps what is annotated `helm.sh/resource-policy: keep`, runs hooks, and does
 *   not notice when an operator completes the webhook configurations of its own chart.
 * - A Chart shows every object in previews, sees drift, and finishes by itself after a run that was killed
 *   (with the provider's `upsertExistingObjects`), where a Release first needs its half-written record removed:
 *   `make kind` and `make heal` do that.
 *
 * Where upstream publishes the definitions as a chart of their own, that one is a row, and the main chart stays a Chart.
 */
export const charts = {
    certManager: {
        name: "cert-manager",
        location: "oci://quay.io/jetstack/charts/cert-manager",
        version: "v1.21.1",
        appVersion: "v1.21.1",
        licence: "Apache-2.0",
        kubernetes: ">=1.22.0-0",
        // Its definitions are templates (`crds.enabled`), kept on uninstall (`crds.keep`).
        through: "Release",
    },
    dcgmExporter: {
        name: "dcgm-exporter",
        location: "https://nvidia.github.io/dcgm-exporter/helm-charts",
        version: "4.8.2",
        appVersion: "4.8.2",
        licence: "Apache-2.0",
        kubernetes: ">=1.19.0-0",
        through: "Chart",
    },
    eckOperator: {
        name: "eck-operator",
        location: "https://helm.elastic.co",
        version: "3.5.0",
        appVersion: "3.5.0",
        licence: "Elastic-2.0",
        kubernetes: ">=1.21.0-0",
        // Without its definitions: those are the next row.
        through: "Chart",
    },
    eckOperatorCrds: {
        name: "eck-operator-crds",
        location: "https://helm.elastic.co",
        version: "3.5.0",
        appVersion: "3.5.0",
        licence: "Elastic-2.0",
        kubernetes: ">=1.21.0-0",
        // Twelve definitions, annotated by the chart to be kept: without them every Elasticsearch is deleted.
        through: "Release",
    },
    eckStack: {
        name: "eck-stack",
        location: "https://helm.elastic.co",
        version: "0.20.0",
        // Of Elasticsearch and Kibana; the chart itself states none.
        appVersion: "9.5.0",
        licence: "Elastic-2.0",
        kubernetes: ">=1.21.0-0",
        through: "Chart",
    },
    fakeGpuOperator: {
        name: "fake-gpu-operator",
        location: "oci://ghcr.io/run-ai/fake-gpu-operator/fake-gpu-operator",
        version: "0.2.0",
        appVersion: "0.2.0",
        licence: "MIT",
        kubernetes: "any",
        // Its definitions are in crds/, which Helm installs once and never deletes.
        through: "Release",
    },
    fluentBit: {
        name: "fluent-bit-collector",
        location: "oci://ghcr.io/fluent/helm-charts/fluent-bit-collector",
        version: "1.1.1",
        appVersion: "5.1.1",
        licence: "Apache-2.0",
        kubernetes: "any",
        through: "Chart",
    },
    fluentd: {
        name: "fluentd",
        location: "oci://ghcr.io/fluent/helm-charts/fluentd",
        version: "0.6.0",
        appVersion: "1.19.3",
        licence: "Apache-2.0",
        kubernetes: "any",
        through: "Chart",
    },
    gpuOperator: {
        name: "gpu-operator",
        location: "https://helm.ngc.nvidia.com/nvidia",
        version: "v26.7.0",
        appVersion: "v26.7.0",
        licence: "Apache-2.0",
        kubernetes: ">=1.16.0-0",
        // Hooks: its definitions are brought up to date by one before an upgrade (`operator.upgradeCRD`).
        through: "Release",
    },
    istioBase: {
        name: "base",
        location: "oci://registry.istio.io/release/charts/base",
        version: "1.30.3",
        appVersion: "1.30.3",
        licence: "Apache-2.0",
        kubernetes: "any",
        // Fifteen definitions, annotated by the chart to be kept.
        through: "Release",
    },
    istioCni: {
        name: "cni",
        location: "oci://registry.istio.io/release/charts/cni",
        version: "1.30.3",
        appVersion: "1.30.3",
        licence: "Apache-2.0",
        kubernetes: "any",
        through: "Chart",
    },
    istiod: {
        name: "istiod",
        location: "oci://registry.istio.io/release/charts/istiod",
        version: "1.30.3",
        appVersion: "1.30.3",
        licence: "Apache-2.0",
        kubernetes: "any",
        // istiod completes the webhook configurations of this chart (caBundle, failurePolicy): a Chart would
        // see that as drift in every run, and undo it.
        through: "Release",
    },
    keda: {
        name: "keda",
        location: "https://kedacore.github.io/charts",
        version: "2.20.2",
        appVersion: "2.20.2",
        licence: "Apache-2.0",
        kubernetes: ">=1.23.0-0",
        // Its definitions are templates (`crds.install`), and no chart of their own exists.
        through: "Release",
    },
    kubePrometheusStack: {
        name: "kube-prometheus-stack",
        location: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack",
        version: "88.5.3",
        appVersion: "v0.93.1",
        licence: "Apache-2.0",
        kubernetes: ">=1.25.0-0",
        // Without definitions, webhooks and generated passwords (measured: 7 s for a run without change; with
        // them 104 s, and never without change).
        through: "Chart",
    },
    metricsServer: {
        name: "metrics-server",
        location: "https://kubernetes-sigs.github.io/metrics-server/",
        version: "3.13.1",
        appVersion: "0.8.1",
        licence: "Apache-2.0",
        kubernetes: "any",
        through: "Chart",
    },
    podinfo: {
        name: "podinfo",
        location: "oci://ghcr.io/stefanprodan/charts/podinfo",
        version: "6.14.1",
        appVersion: "6.14.1",
        licence: "Apache-2.0",
        kubernetes: ">=1.23.0-0",
        through: "Chart",
    },
    prometheusAdapter: {
        name: "prometheus-adapter",
        location: "oci://ghcr.io/prometheus-community/charts/prometheus-adapter",
        version: "5.3.0",
        appVersion: "v0.12.0",
        licence: "Apache-2.0",
        kubernetes: "any",
        through: "Chart",
    },
    prometheusOperatorCrds: {
        name: "prometheus-operator-crds",
        location: "oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds",
        version: "31.0.1",
        // Must be that of kubePrometheusStack.
        appVersion: "v0.93.1",
        licence: "Apache-2.0",
        kubernetes: ">=1.16.0-0",
        through: "Release",
    },
    redisExporter: {
        name: "prometheus-redis-exporter",
        location: "oci://ghcr.io/prometheus-community/charts/prometheus-redis-exporter",
        version: "6.29.0",
        appVersion: "v1.89.0",
        licence: "Apache-2.0",
        kubernetes: "any",
        through: "Chart",
    },
    traefik: {
        name: "traefik",
        location: "oci://ghcr.io/traefik/helm/traefik",
        version: "41.3.0",
        appVersion: "v3.7.11",
        licence: "Apache-2.0",
        kubernetes: ">=1.25.0-0",
        // Without its 25 definitions: it serves Ingress objects here, which need none.
        through: "Chart",
    },
} as const satisfies Record<string, PinnedChart>;

/** A row of the table. */
export interface PinnedChart {
    /** The chart's name, and in a mirror the name of its archive. */
    readonly name: string;
    /** Where upstream publishes it: an OCI reference, or an HTTP repository. */
    readonly location: `oci://${string}` | `https://${string}`;
    /** Exact. */
    readonly version: string;
    /** Version of the program that it installs. */
    readonly appVersion: string;
    /** SPDX identifier. */
    readonly licence: "Apache-2.0" | "MIT" | "Elastic-2.0";
    /** The Kubernetes versions that the chart accepts, as it states them; `any` where it states none. */
    readonly kubernetes: string;
    /** The Pulumi resource that installs it. */
    readonly through: "Chart" | "Release";
}

/** The charts by the names that the library uses. */
export type ChartKey = keyof typeof charts;
