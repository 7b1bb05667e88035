import { checkChartSource } from "../../charts/chart-source";
import { checkOpenings, checkQuota } from "../../namespaces/secure-namespace";
import {
    checkBytes,
    checkChoice,
    checkDuration,
    checkName,
    checkObjectName,
    checkSecretKey,
    checkWhole,
    type Problem,
} from "../../problems";
import type { KubePrometheusStackArgs } from "../kube-prometheus-stack";
import { checkAlerting } from "./alerting";
import { checkDashboards, checkPublicDashboards } from "./dashboards";
import { defaultNodeExporterNamespace } from "./exporters";
import { checkExposure } from "./exposure";
import { defaultNamespace } from "./names";
import { stackOpenings } from "./openings";
import { checkScrapeConfigs } from "./scrape-configs";
import { bytes, type MonitoringStorage } from "./storage";

/** Problems with the arguments. */
export function validateKubePrometheusStack(args: KubePrometheusStackArgs): Problem[] {
    const { storage, replicas } = args;
    return [
        ...checkName("namespace", args.namespace),
        ...checkName("nodeExporterNamespace", args.nodeExporterNamespace),
        ...checkNamespaces(args),
        ...checkExposure("exposure", args.exposure),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkDuration("evaluationInterval", args.evaluationInterval),
        ...checkDuration("retention", args.retention),
        ...checkBytes("storage.prometheus", storage?.prometheus),
        ...checkBytes("storage.alertmanager", storage?.alertmanager),
        ...checkBytes("storage.grafana", storage?.grafana),
        ...checkObjectName("storage.storageClass", storage?.storageClass),
        ...checkStorageClass(storage),
        ...checkRetentionSize(args),
        ...checkWhole("replicas.prometheus", replicas?.prometheus, 1, 10),
        ...checkWhole("replicas.alertmanager", replicas?.alertmanager, 1, 10),
        ...checkObjectName("objectStorage.secretName", args.objectStorage?.secretName),
        ...checkSecretKey("objectStorage.key", args.objectStorage?.key),
        ...checkExternalLabels(args.externalLabels),
        ...checkChoice("series", args.series, ["full", "lean"]),
        ...checkKeepSeries(args),
        ...(args.controlPlane ?? []).flatMap((part, i) =>
            checkChoice(`controlPlane[${i}]`, part, ["etcd", "scheduler", "controllerManager", "proxy"]),
        ),
        ...checkScrapeConfigs("scrapeConfigs", args.scrapeConfigs),
        ...checkAlerting(args.alertmanagerConfig, args.alertReceivers),
        ...checkDashboards("dashboards", args.dashboards),
        ...checkPublicDashboards("publicDashboards", args.publicDashboards),
        ...checkStackOpenings(args),
        ...checkQuota("quota", args.quota),
        ...checkChartSource("source", args.source, ["kubePrometheusStack", "prometheusOperatorCrds"]),
    ];
}

function checkNamespaces({
    namespace = defaultNamespace,
    nodeExporterNamespace = defaultNodeExporterNamespace,
}: KubePrometheusStackArgs): Problem[] {
    return namespace !== nodeExporterNamespace
        ? []
        : [
              {
                  property: "nodeExporterNamespace",
                  given: nodeExporterNamespace,
                  allowed:
                      "another namespace than that of the stack, which admits no pod that uses the node's network",
                  fix: `leave it out for "${defaultNodeExporterNamespace}", or choose another name`,
              },
          ];
}

/** Problems with the user's openings, which come beside those of the stack. */
function checkStackOpenings(args: KubePrometheusStackArgs): Problem[] {
    if (args.openings === undefined) return [];
    const own = stackOpenings({ ...args, openings: [] }).map(({ name }) => name);
    return checkOpenings("openings", args.openings, own);
}

function checkStorageClass(storage: MonitoringStorage | undefined): Problem[] {
    const { storageClass, ...sizes } = storage ?? {};
    return storageClass === undefined || Object.values(sizes).some((size) => size !== undefined)
        ? []
        : [
              {
                  property: "storage.storageClass",
                  given: storageClass,
                  allowed: "nothing without a size: there is no volume then",
                  fix: "give storage.prometheus, storage.alertmanager or storage.grafana a size",
              },
          ];
}

function checkRetentionSize({ retentionSize, storage }: KubePrometheusStackArgs): Problem[] {
    if (retentionSize === undefined) return [];
    if (!/^(?=.*[1-9])[0-9]+(\.[0-9]+)?([KMGTPE]i?)?B$/.test(retentionSize)) {
        return [
            {
                property: "retentionSize",
                given: retentionSize,
                allowed: "a size as Prometheus writes it, such as 500MB or 40GiB",
                fix: "write a number above zero and one unit that ends with B",
            },
        ];
    }
    const volume = storage?.prometheus;
    const known = volume !== undefined && checkBytes("storage.prometheus", volume).length === 0;
    return !known || bytes(retentionSize) < bytes(volume)
        ? []
        : [
              {
                  property: "retentionSize",
                  given: retentionSize,
                  allowed: `less than the volume, which has ${volume}`,
                  fix: "leave it out for four fifths of the volume, or make storage.prometheus larger",
              },
          ];
}

function checkExternalLabels(labels: Readonly<Record<string, string>> = {}): Problem[] {
    const reserved = ["prometheus", "prometheus_replica"];
    return Object.keys(labels)
        .filter((name) => reserved.includes(name) || !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
        .map((name) => ({
            property: `externalLabels.${name}`,
            given: name,
            allowed: `a label's name of letters, digits and underscores, but for ${reserved.join(" and ")}`,
            fix: "rename the label: the two are set by the operator, for each replica",
        }));
}

function checkKeepSeries({ series, keepSeries }: KubePrometheusStackArgs): Problem[] {
    if (keepSeries === undefined || series === "lean") return [];
    return [
        {
            property: "keepSeries",
            given: keepSeries,
            allowed: 'nothing, unless series is "lean": the full profile keeps them anyway',
            fix: 'leave keepSeries out, or choose series: "lean"',
        },
    ];
}
