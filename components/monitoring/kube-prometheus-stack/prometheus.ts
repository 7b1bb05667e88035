import { resources, waitFor } from "../../conventions";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { clusterExposure, exposureValues, publicEndpoints } from "./exposure";
import { alertmanagerSecret } from "./names";
import { leanRelabelings } from "./series";
import { bytes, volumeClaim } from "./storage";
import { escapeTemplates } from "./templates";

/** The chart's values for Prometheus. */
export function prometheusValues(args: KubePrometheusStackArgs) {
    const exposure = args.exposure ?? clusterExposure;
    const replicas = args.replicas?.prometheus ?? 1;
    const { service, ...ingress } = { service: {}, ...exposureValues(exposure, "prometheus") };
    return {
        annotations: readiness(args),
        // Replicas scrape for themselves and differ by moments; a client stays with one of them.
        service: replicas > 1 ? { ...service, sessionAffinity: "ClientIP" } : service,
        ...ingress,
        podDisruptionBudget: disruptionBudget(replicas),
        serviceMonitor: leanRelabelings(args, "prometheus"),
        ...(args.objectStorage && {
            thanosService: { enabled: true },
            thanosServiceMonitor: { enabled: true },
        }),
        prometheusSpec: prometheusSpec(args, replicas, publicEndpoints(exposure).prometheus),
    };
}

function prometheusSpec(args: KubePrometheusStackArgs, replicas: number, externalUrl: string | undefined) {
    const { storage, objectStorage } = args;
    const retentionSize = args.retentionSize ?? defaultRetentionSize(storage?.prometheus);
    return {
        // Every monitor, rule and probe of the cluster, not those with the label of this release.
        serviceMonitorSelectorNilUsesHelmValues: false,
        podMonitorSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        probeSelectorNilUsesHelmValues: false,
        scrapeConfigSelectorNilUsesHelmValues: false,
        scrapeInterval: args.scrapeInterval ?? "30s",
        evaluationInterval: args.evaluationInterval ?? args.scrapeInterval ?? "30s",
        retention: args.retention ?? "10d",
        ...(retentionSize !== undefined && { retentionSize }),
        ...(storage?.prometheus !== undefined && {
            storageSpec: volumeClaim(storage.prometheus, storage.storageClass),
        }),
        ...(externalUrl !== undefined && { externalUrl }),
        additionalScrapeConfigs: escapeTemplates(args.scrapeConfigs ?? []),
        externalLabels: escapeTemplates(args.externalLabels ?? {}),
        replicas,
        // By this label a querier of several replicas tells them apart, and takes one.
        replicaExternalLabelName,
        podAntiAffinity: "soft",
        ...(objectStorage && {
            thanos: {
                objectStorageConfig: {
                    existingSecret: {
                        name: objectStorage.secretName,
                        key: objectStorage.key ?? "objstore.yml",
                    },
                },
                resources: resources(["10m", "1"], ["64Mi", "512Mi"]),
            },
        }),
        resources:
            args.series === "lean"
                ? resources(["100m", "2"], ["400Mi", "2Gi"])
                : resources(["100m", "4"], ["512Mi", "4Gi"]),
    };
}

/** The external label by which the replicas of Prometheus differ. */
export const replicaExternalLabelName = "prometheus_replica";

/** The chart's values for Alertmanager. */
export function alertmanagerValues(args: KubePrometheusStackArgs) {
    const exposure = args.exposure ?? clusterExposure;
    const replicas = args.replicas?.alertmanager ?? 1;
    const externalUrl = publicEndpoints(exposure).alertmanager;
    const { storage } = args;
    return {
        annotations: readiness(args),
        ...exposureValues(exposure, "alertmanager"),
        podDisruptionBudget: disruptionBudget(replicas),
        serviceMonitor: leanRelabelings(args, "alertmanager"),
        alertmanagerSpec: {
            useExistingSecret: true,
            configSecret: alertmanagerSecret,
            // It never calls the API server.
            automountServiceAccountToken: false,
            replicas,
            podAntiAffinity: "soft",
            // The chart's own would be http, TLS or not.
            ...(externalUrl !== undefined && { externalUrl }),
            ...(storage?.alertmanager !== undefined && {
                storage: volumeClaim(storage.alertmanager, storage.storageClass),
            }),
            resources: resources(["10m", "200m"], ["32Mi", "256Mi"]),
        },
    };
}

/** The provider waits for no custom resource unless it is told what to wait for. */
function readiness({ waitForServers = true }: KubePrometheusStackArgs) {
    return waitForServers ? waitFor("Available") : {};
}

/** One pod at a time may go; the only one may always go. */
function disruptionBudget(replicas: number) {
    return replicas > 1 ? { enabled: true, minAvailable: replicas - 1 } : { enabled: false };
}

/** Four fifths of the volume: what is being written and compacted needs the rest. */
export function defaultRetentionSize(volume: string | undefined): string | undefined {
    return volume === undefined ? undefined : `${Math.floor((bytes(volume) * 0.8) / 2 ** 20)}MiB`;
}
