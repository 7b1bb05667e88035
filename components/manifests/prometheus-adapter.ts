import { APIService } from "@pulumi/kubernetes/apiregistration/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { adapterOpenings } from "../autoscaling/prometheus-adapter";
import { checkPrometheusUrl } from "../autoscaling/prometheus-adapter/prometheus-url";
import { adapterApp } from "../autoscaling/prometheus-adapter/values";
import { appLabel, waitFor } from "../conventions";
import { type Images, withImages } from "../images";
import { SecureNamespace } from "../namespaces/secure-namespace";
import { ServiceIdentity } from "../namespaces/service-identity";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { adapterConfig, adapterRules, adapterSpec } from "./prometheus-adapter/deployment";

export interface PrometheusAdapterManifestsArgs {
    /** Namespace to create and install into. @default "prometheus-adapter" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /**
     * Address of Prometheus, without credentials; a path is kept. Plain, since it decides what the namespace lets
     * out. @default that of MonitoringManifests, "http://prometheus.monitoring.svc:9090"
     */
    readonly prometheusUrl?: string | undefined;
    /** Seconds until a series that Prometheus has for the first time is a metric, 5 to 600. @default 15 */
    readonly relistSeconds?: number | undefined;
}

/** Versions of the API that the adapter serves; autoscalers take the newest that is registered. */
const versions = ["v1beta1", "v1beta2"];

/**
 * The custom metrics API (`custom.metrics.k8s.io`) from Prometheus: every recorded series that is named
 * `autoscaler:<signal>` becomes the metric `autoscaler_<signal>` of its namespace, by the one rule `signalRule`.
 *
 * It provides this API and no other: external metrics are KEDA's, resource metrics the metrics server's.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class PrometheusAdapterManifests extends pulumi.ComponentResource {
    constructor(
        name: string,
        args: PrometheusAdapterManifestsArgs = {},
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("pulumi-kube-observability:index:PrometheusAdapterManifests", name, args, opts);
        reject(this, validateAdapterManifests(args));
        const prometheusUrl = args.prometheusUrl ?? "http://prometheus.monitoring.svc:9090";
        const child = { parent: this };
        const labels = appLabel(adapterApp);

        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            { namespace: args.namespace ?? adapterApp, openings: adapterOpenings({ prometheusUrl }) },
            child,
        );
        const metadata = { name: adapterApp, namespace, labels };
        const identity = new ServiceIdentity(
            `${name}-identity`,
            {
                account: adapterApp,
                namespace,
                clusterRules: adapterRules,
                existingClusterRoles: ["system:auth-delegator"],
                existingRoles: [
                    { namespace: "kube-system", role: "extension-apiserver-authentication-reader" },
                ],
            },
            child,
        );
        const config = new ConfigMap(name, { metadata, data: adapterConfig }, child);
        const deployment = new Deployment(
            name,
            {
                metadata,
                spec: adapterSpec({
                    images: withImages(args.images),
                    prometheusUrl,
                    relistSeconds: args.relistSeconds ?? 15,
                }),
            },
            { ...child, dependsOn: [identity, config] },
        );
        new Service(
            name,
            {
                metadata,
                spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
            },
            child,
        );
        for (const version of versions) createApi(version);

        this.registerOutputs();

        function createApi(version: string) {
            new APIService(
                `${name}-${version}`,
                {
                    metadata: {
                        name: `${version}.custom.metrics.k8s.io`,
                        annotations: waitFor("Available"),
                    },
                    spec: {
                        group: "custom.metrics.k8s.io",
                        version,
                        groupPriorityMinimum: 100,
                        versionPriority: version === "v1beta2" ? 200 : 100,
                        // It signs its own certificate at every start.
                        insecureSkipTLSVerify: true,
                        service: { name: adapterApp, namespace },
                    },
                },
                { ...child, dependsOn: deployment },
            );
        }
    }
}

/** Problems with the arguments. */
export function validateAdapterManifests(args: PrometheusAdapterManifestsArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkPrometheusUrl("prometheusUrl", args.prometheusUrl),
        ...checkWhole("relistSeconds", args.relistSeconds, 5, 600),
    ];
}
