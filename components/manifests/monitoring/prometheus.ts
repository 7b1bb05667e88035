import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Service } from "@pulumi/kubernetes/core/v1";
import type { rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, podSecurity, resources, servicePort, waitFor } from "../../conventions";
import { type Images, versionOf } from "../../images";
import { serviceMonitor } from "../../monitoring/monitors";
import { ServiceIdentity } from "../../namespaces/service-identity";

export interface PrometheusArgs {
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
    /** The operator that makes the server; waited for. */
    readonly operator: pulumi.Resource;
    /** How often targets are scraped, unless their monitor says otherwise. @default "15s" */
    readonly scrapeInterval?: string | undefined;
    /** How often rules are evaluated, unless their group says otherwise. @default "15s" */
    readonly evaluationInterval?: string | undefined;
    /** How long samples are kept. @default "7d" */
    readonly retention?: string | undefined;
    /** Size of its volume, e.g. "20Gi". @default none: samples live as long as the pod */
    readonly storageSize?: string | undefined;
    /** Whether alerts are sent anew every 15 s, which a dead man's switch needs. @default each minute */
    readonly resend?: boolean | undefined;
    /** Port on every node. @default none: reached inside the cluster only */
    readonly nodePort?: number | undefined;
}

const app = "prometheus";

/** Name of the Prometheus object; its pods are `prometheus-main-0` and so on. */
export const prometheusName = "main";

/** The labels that the operator puts on the server's pods. */
export const prometheusPods = { ...appLabel(app), "operator.prometheus.io/name": prometheusName };

/**
 * The Prometheus server, as an object for the prometheus-operator. It takes up every ServiceMonitor,
 * PodMonitor and PrometheusRule of the cluster, in whichever namespace.
 */
export class Prometheus extends pulumi.ComponentResource {
    /** Address inside the cluster. */
    public readonly url: pulumi.Output<string>;

    constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Prometheus", name, {}, opts);
        const { namespace } = args;
        const identity = new ServiceIdentity(
            `${name}-identity`,
            { account: app, namespace, clusterRules: prometheusRules },
            { parent: this },
        );
        new CustomResource(
            name,
            {
                apiVersion: "monitoring.coreos.com/v1",
                kind: "Prometheus",
                metadata: { name: prometheusName, namespace, annotations: waitFor("Available") },
                spec: prometheusSpec(args),
            },
            { parent: this, dependsOn: [identity, args.operator] },
        );
        new Service(
            name,
            {
                metadata: { name: app, namespace, labels: appLabel(app) },
                spec: { ...servicePort("web", 9090, args.nodePort), selector: prometheusPods },
            },
            { parent: this },
        );
        new CustomResource(`${name}-monitor`, serviceMonitor({ app, namespace, port: "web" }), {
            parent: this,
        });
        this.url = pulumi.interpolate`http://${app}.${namespace}.svc:9090`;
        this.registerOutputs({ url: this.url });
    }
}

/** The `spec` of the Prometheus object. */
export function prometheusSpec(args: PrometheusArgs) {
    const everything = {};
    return {
        image: args.images.prometheus,
        // The operator writes flags and configuration for this version, whatever the image.
        version: versionOf(args.images.prometheus),
        imagePullPolicy: "IfNotPresent",
        replicas: 1,
        serviceAccountName: app,
        automountServiceAccountToken: true,
        securityContext: podSecurity,
        resources: resources(["100m", "2"], ["256Mi", "1Gi"]),
        scrapeInterval: args.scrapeInterval ?? "15s",
        evaluationInterval: args.evaluationInterval ?? "15s",
        retention: args.retention ?? "7d",
        // A little less than lies between two evaluations, and no less: what is not sent anew ends after four times this.
        ...(args.resend && { rules: { alert: { resendDelay: "14s" } } }),
        ...(args.storageSize !== undefined && {
            storage: {
                volumeClaimTemplate: { spec: { resources: { requests: { storage: args.storageSize } } } },
            },
        }),
        // Endpoints are deprecated since Kubernetes 1.33, and the list of kubelets is kept as a slice only.
        serviceDiscoveryRole: "EndpointSlice",
        serviceMonitorSelector: everything,
        serviceMonitorNamespaceSelector: everything,
        podMonitorSelector: everything,
        podMonitorNamespaceSelector: everything,
        probeSelector: everything,
        probeNamespaceSelector: everything,
        scrapeConfigSelector: everything,
        scrapeConfigNamespaceSelector: everything,
        ruleSelector: everything,
        ruleNamespaceSelector: everything,
        alerting: { alertmanagers: [{ namespace: args.namespace, name: "alertmanager", port: "web" }] },
    };
}

/** What the server may do in the cluster: find targets and read metrics. */
export const prometheusRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["nodes", "services", "pods"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    { nonResourceURLs: ["/metrics", "/metrics/cadvisor", "/metrics/resource"], verbs: ["get"] },
];
