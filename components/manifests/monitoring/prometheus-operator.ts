import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import type { apps, rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { podMonitor } from "../../monitoring/monitors";
import { ServiceIdentity } from "../../namespaces/service-identity";

export interface PrometheusOperatorArgs {
    /** Namespace of the operator and of the Prometheus and Alertmanager objects that it serves. */
    readonly namespace: pulumi.Input<string>;
    readonly images: Images;
}

const app = "prometheus-operator";

/** Where the operator keeps the list of kubelets, which are no pods and have no Service of their own. */
export const kubeletService = { namespace: "kube-system", name: "kubelet" } as const;

/**
 * The controller that turns Prometheus, Alertmanager, ServiceMonitor, PodMonitor and PrometheusRule objects
 * into running servers and their configuration. It does not bring the CustomResourceDefinitions: install
 * those of the same version before it (`example/prometheus-operator-crd` of its repository).
 *
 * It reads Secrets and ConfigMaps in its own namespace only. A monitor that names one elsewhere (credentials,
 * a CA) needs a RoleBinding there that lets the ServiceAccount `prometheus-operator` get it.
 */
export class PrometheusOperator extends pulumi.ComponentResource {
    constructor(name: string, args: PrometheusOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:PrometheusOperator", name, args, opts);
        const identity = new ServiceIdentity(
            `${name}-identity`,
            {
                account: app,
                namespace: args.namespace,
                clusterRules: operatorClusterRules,
                namespaceRules: {
                    own: { namespace: args.namespace, rules: operatorNamespaceRules },
                    kubelets: { namespace: kubeletService.namespace, rules: kubeletListRules },
                },
            },
            { parent: this },
        );
        new Deployment(
            name,
            { metadata: { name: app, namespace: args.namespace }, spec: prometheusOperatorSpec(args) },
            { parent: this, dependsOn: identity },
        );
        new CustomResource(
            `${name}-monitor`,
            podMonitor({ app, namespace: args.namespace, port: "http", keep: "prometheus_operator_.+" }),
            { parent: this },
        );
        this.registerOutputs();
    }
}

/** The operator's Deployment. */
export function prometheusOperatorSpec({
    namespace,
    images,
}: PrometheusOperatorArgs): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        selector: { matchLabels: appLabel(app) },
        template: {
            metadata: { labels: appLabel(app) },
            spec: {
                serviceAccountName: app,
                automountServiceAccountToken: true,
                securityContext: podSecurity,
                containers: [
                    {
                        name: app,
                        image: images.prometheusOperator,
                        imagePullPolicy: "IfNotPresent",
                        args: [
                            `--kubelet-service=${kubeletService.namespace}/${kubeletService.name}`,
                            "--kubelet-endpoints=false",
                            "--kubelet-endpointslice=true",
                            `--prometheus-config-reloader=${images.prometheusConfigReloader}`,
                            // The default limit of 10m lets the reloader take seconds to start, and Prometheus waits for it.
                            "--config-reloader-cpu-limit=200m",
                            // Monitors and rules are read everywhere; servers, and the Secrets that make their
                            // configuration, live here only: so it needs no Secret of another namespace.
                            pulumi.interpolate`--prometheus-instance-namespaces=${namespace}`,
                            pulumi.interpolate`--alertmanager-instance-namespaces=${namespace}`,
                            pulumi.interpolate`--alertmanager-config-namespaces=${namespace}`,
                        ],
                        env: [{ name: "GOGC", value: "30" }],
                        ports: [{ name: "http", containerPort: 8080 }],
                        readinessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 2 },
                        resources: resources(["20m", "500m"], ["64Mi", "256Mi"]),
                        securityContext: containerSecurity,
                    },
                ],
            },
        },
    };
}

const all = ["*"];
const read = ["get", "list", "watch"];

/**
 * Cluster-wide rights, Secrets not among them: who may read all of them is as good as an administrator, and no
 * monitor of this library names one. Neither prometheusagents nor thanosrulers: without rights to them the
 * operator leaves their controllers out, which this library does not use.
 */
export const operatorClusterRules: rbac.v1.PolicyRule[] = [
    {
        apiGroups: ["monitoring.coreos.com"],
        resources: [
            "alertmanagers",
            "alertmanagers/finalizers",
            "alertmanagers/status",
            "alertmanagerconfigs",
            "prometheuses",
            "prometheuses/finalizers",
            "prometheuses/status",
            "scrapeconfigs",
            "servicemonitors",
            "servicemonitors/status",
            "podmonitors",
            "probes",
            "prometheusrules",
        ],
        verbs: all,
    },
    { apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"] },
    { apiGroups: [""], resources: ["namespaces"], verbs: read },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get"] },
];

/** Rights in the namespace of the servers: everything of which they consist. */
export const operatorNamespaceRules: rbac.v1.PolicyRule[] = [
    { apiGroups: ["apps"], resources: ["statefulsets"], verbs: all },
    { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: all },
    { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
    {
        apiGroups: [""],
        resources: ["services", "services/finalizers"],
        verbs: ["get", "create", "update", "delete"],
    },
];

/** Rights in the namespace where the list of kubelets is kept. */
export const kubeletListRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["services", "services/finalizers"], verbs: ["get", "create", "update"] },
    {
        apiGroups: ["discovery.k8s.io"],
        resources: ["endpointslices"],
        verbs: ["get", "list", "create", "update", "delete"],
    },
];
