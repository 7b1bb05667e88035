import { resources } from "../../conventions";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { publicDashboardValues } from "./dashboards";
import { clusterExposure, exposureValues, publicEndpoints } from "./exposure";
import { dashboardReader, grafanaAdmin, servers } from "./names";
import { leanRelabelings } from "./series";
import type { MonitoringStorage } from "./storage";

/** The chart's values for Grafana. */
export function grafanaValues(args: KubePrometheusStackArgs) {
    const exposure = args.exposure ?? clusterExposure;
    return {
        fullnameOverride: servers.grafana.service,
        // By name: a password in values would be in the state, and a generated one new in every run.
        admin: {
            existingSecret: grafanaAdmin.secret,
            userKey: grafanaAdmin.userKey,
            passwordKey: grafanaAdmin.passwordKey,
        },
        ...exposureValues(exposure, "grafana"),
        ...persistenceValues(args.storage),
        ...publicDashboardValues(args.publicDashboards ?? []),
        "grafana.ini": grafanaIni(publicEndpoints(exposure).grafana),
        sidecar: sidecarValues,
        // The chart's own role reads every Secret of the cluster.
        rbac: { useExistingClusterRole: dashboardReader },
        // A test pod, and a container that runs as root.
        testFramework: { enabled: false },
        initChownData: { enabled: false },
        serviceMonitor: leanRelabelings(args, "grafana"),
        containerSecurityContext: { readOnlyRootFilesystem: true },
        extraEmptyDirMounts: [{ name: "tmp", mountPath: "/tmp" }],
        resources: resources(["50m", "1"], ["256Mi", "1Gi"]),
    };
}

/** Grafana's configuration file: nothing secret, nobody called, no plugins fetched at start. */
export function grafanaIni(rootUrl: string | undefined) {
    return {
        analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
        news: { news_feed_enabled: false },
        plugins: { preinstall_disabled: true },
        snapshots: { external_enabled: false },
        security: { disable_gravatar: true, ...(rootUrl !== undefined && { cookie_secure: true }) },
        ...(rootUrl !== undefined && { server: { root_url: `${rootUrl}/` } }),
    };
}

function persistenceValues(storage: MonitoringStorage | undefined) {
    if (storage?.grafana === undefined) return { persistence: { enabled: false } };
    const { storageClass } = storage;
    return {
        persistence: {
            enabled: true,
            size: storage.grafana,
            accessModes: ["ReadWriteOnce"],
            ...(storageClass !== undefined && { storageClassName: storageClass }),
            // It would write the volume's name into the claim from the second run on: a change that replaces it.
            lookupVolumeName: false,
        },
        // The new pod could not mount the volume before the old one is gone.
        deploymentStrategy: { type: "Recreate" },
    };
}

const sidecarValues = {
    // Files of the same name in two ConfigMaps would overwrite each other.
    enableUniqueFilenames: true,
    dashboards: {
        resource: "configmap",
        searchNamespace: "ALL",
        extraMounts: [{ name: "tmp", mountPath: "/tmp" }],
    },
    datasources: { resource: "configmap", extraMounts: [{ name: "tmp", mountPath: "/tmp" }] },
    securityContext: { readOnlyRootFilesystem: true },
    resources: resources(["10m", "200m"], ["80Mi", "256Mi"]),
};

/** What the role of Grafana's sidecars allows: ConfigMaps of every namespace, and no Secrets. */
export const dashboardReaderRules = [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] },
];
