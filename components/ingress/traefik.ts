import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import { appLabel } from "../conventions";
import { checkLabels } from "../gpu/gpu-nodes/taints";
import { podMonitor } from "../monitoring/monitors";
import { checkQuota, SecureNamespace } from "../namespaces/secure-namespace";
import { checkName, checkWhole, type Problem, reject } from "../problems";
import { checkExposure, type TraefikExposure } from "./traefik/exposure";
import { traefikOpenings } from "./traefik/openings";
import { traefikApp, traefikValues } from "./traefik/values";

export type {
    HostPortExposure,
    LoadBalancerExposure,
    NodePortExposure,
    TraefikExposure,
} from "./traefik/exposure";
export { traefikValues } from "./traefik/values";

export interface TraefikArgs {
    /** Where the chart comes from. @default upstream, at the version of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace to create and install into. @default "traefik" */
    readonly namespace?: string | undefined;
    /** The most that the namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /** Name of the IngressClass; Ingress objects of other classes are left alone. @default "traefik" */
    readonly ingressClass?: string | undefined;
    /** Whether Ingress objects without a class get this one. @default true */
    readonly isDefaultClass?: boolean | undefined;
    /** How clients outside the cluster reach it. @default { kind: "load-balancer" } */
    readonly exposure?: TraefikExposure | undefined;
    /**
     * Address that Ingress objects report, an IP address or a host name. Pulumi waits for an Ingress until it
     * reports one. @default that of the load balancer; without a load balancer "localhost"
     */
    readonly address?: string | undefined;
    /** Whether plain HTTP is redirected to HTTPS, for every Ingress. @default false */
    readonly httpsRedirect?: boolean | undefined;
    /** Port to which clients are redirected, 1 to 65535. @default 443, or the node's or host's port of `exposure` */
    readonly publicHttpsPort?: number | undefined;
    /** Pods, 1 to 50; with two or more a disruption budget keeps one. @default 1 */
    readonly replicas?: number | undefined;
    /** Labels of the nodes that may run it, e.g. `{ "ingress-ready": "true" }` on kind. @default any node */
    readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
    /** Taints of nodes that it may run on nevertheless. @default none */
    readonly tolerations?: readonly core.v1.Toleration[] | undefined;
    /**
     * Whether Prometheus scrapes it, by a PodMonitor; needs the CRDs of the prometheus-operator: depend on
     * KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the chart, merged last. Prefer a named argument where one exists. */
    readonly values?: TraefikValues | undefined;
}

/** The chart's keys that this component sets. The chart refuses keys that it does not know. */
export interface TraefikValues extends Values {
    readonly fullnameOverride?: string;
    readonly global?: Values;
    readonly api?: Values;
    readonly providers?: Values;
    readonly ingressClass?: Values;
    readonly deployment?: Values;
    readonly updateStrategy?: Values;
    readonly affinity?: core.v1.Affinity;
    readonly nodeSelector?: Values;
    readonly tolerations?: readonly unknown[];
    readonly ports?: Values;
    readonly service?: Values;
    readonly resources?: core.v1.ResourceRequirements;
}

/**
 * Traefik as ingress controller for Ingress objects, and for these only: its own custom resources are not
 * installed. It serves HTTP and HTTPS; an Ingress without a certificate gets one that Traefik signs itself.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class Traefik extends pulumi.ComponentResource {
    /** Class for `spec.ingressClassName` of Ingress objects. */
    public readonly ingressClass: string;
    /** Address inside the cluster, without encryption. */
    public readonly url: string;

    constructor(name: string, args: TraefikArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Traefik", name, {}, opts);
        reject(this, validateTraefik(args));
        const namespace = args.namespace ?? "traefik";
        const first = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const home = createNamespace();
        const chart = installTraefik();
        if ((args.replicas ?? 1) > 1) {
            // Not the chart's, which is of a version that is gone (v1beta1) wherever it is rendered without a cluster.
            const spec = { minAvailable: 1, selector: { matchLabels: appLabel(traefikApp) } };
            new PodDisruptionBudget(
                `${name}-budget`,
                { metadata: { name: traefikApp, namespace }, spec },
                { parent: this, dependsOn: [home] },
            );
        }
        if (args.monitored) {
            new CustomResource(
                `${name}-monitor`,
                podMonitor({ app: traefikApp, namespace, port: "metrics" }),
                { parent: this, dependsOn: [chart] },
            );
        }

        this.ingressClass = args.ingressClass ?? traefikApp;
        this.url = `http://${traefikApp}.${namespace}.svc`;
        this.registerOutputs({ ingressClass: this.ingressClass, url: this.url });

        function createNamespace() {
            return new SecureNamespace(
                `${name}-namespace`,
                {
                    namespace,
                    quota: args.quota,
                    // No level below lets a pod have a port of its node.
                    level: args.exposure?.kind === "host-port" ? "privileged" : "restricted",
                    openings: traefikOpenings(args),
                },
                first,
            );
        }

        function installTraefik() {
            return installChart(
                name,
                {
                    chart: "traefik",
                    release: traefikApp,
                    namespace,
                    values: traefikValues(args),
                    extraValues: args.values,
                    source: args.source,
                },
                { parent: first.parent, dependsOn: [home] },
            );
        }
    }
}

/** Problems with the arguments. */
export function validateTraefik(args: TraefikArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkName("ingressClass", args.ingressClass),
        ...checkExposure("exposure", args.exposure),
        ...checkAddress("address", args.address),
        ...checkRedirect(args),
        ...checkWhole("publicHttpsPort", args.publicHttpsPort, 1, 65535),
        ...checkWhole("replicas", args.replicas, 1, 50),
        ...checkLabels("nodeSelector", args.nodeSelector),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, ["traefik"]),
    ];
}

/** The problem with a redirect to a port that nobody can know before the cluster has chosen it, if there is one. */
export function checkRedirect(args: TraefikArgs): Problem[] {
    const { exposure, publicHttpsPort } = args;
    const unknown = exposure?.kind === "node-port" && exposure.https === undefined;
    return args.httpsRedirect && unknown && publicHttpsPort === undefined
        ? [
              {
                  property: "httpsRedirect",
                  given: true,
                  allowed: "true where the port of HTTPS is known, or false",
                  fix: "give exposure.https, or publicHttpsPort where clients reach HTTPS by another port",
              },
          ]
        : [];
}

function checkAddress(property: string, given: string | undefined): Problem[] {
    return given === undefined || /^[0-9A-Za-z]([-.:0-9A-Za-z]*[0-9A-Za-z])?$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "an IP address or a host name, without scheme and port",
                  fix: "write the address only",
              },
          ];
}
