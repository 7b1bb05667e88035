import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, checkChartSource } from "../charts/chart-source";
import { installChart, type Values } from "../charts/install-chart";
import type { ChartKey } from "../charts/pins";
import { serviceMonitor } from "../monitoring/monitors";
import { checkQuota, SecureNamespace } from "../namespaces/secure-namespace";
import { checkAmount, checkName, checkWhole, type Problem, reject } from "../problems";
import { cniOpenings, istiodOpenings } from "./istio/mesh";
import { proxyMonitor } from "./istio/monitors";
import {
    cniApp,
    type IstioBaseValues,
    type IstioCniValues,
    type IstiodValues,
    istioBaseValues,
    istioCniValues,
    istiodApp,
    istiodValues,
} from "./istio/values";

export { meshLabels, meshOpenings } from "./istio/mesh";
export * from "./istio/values";

/** Distributions of Kubernetes that keep their network plugins elsewhere than at the usual place. */
export const istioPlatforms = ["gke", "k3d", "k3s", "microk8s", "minikube", "openshift"] as const;

export interface IstioArgs {
    /** Where the charts come from. @default upstream, at the versions of `charts` */
    readonly source?: ChartSource | undefined;
    /** Namespace of the control plane, to create and install into. @default "istio-system" */
    readonly namespace?: string | undefined;
    /** The most that the control plane's namespace may hold, by the names of a ResourceQuota. @default no quota */
    readonly quota?: Readonly<Record<string, string>> | undefined;
    /**
     * Whether a plugin on every node redirects the traffic of the mesh's pods. Without it each pod does so itself, by
     * an init container that "restricted" and "baseline" namespaces refuse. @default true
     */
    readonly cni?: boolean | undefined;
    /** Namespace of the plugin, privileged: it changes the network of its node. @default "istio-cni" */
    readonly cniNamespace?: string | undefined;
    /** The distribution, where plugins lie elsewhere. @default none of these, as on kind, EKS and AKS */
    readonly platform?: (typeof istioPlatforms)[number] | undefined;
    /** Pods of the control plane, 1 to 10; with two or more a disruption budget keeps one. @default 1 */
    readonly replicas?: number | undefined;
    /**
     * What each pod of the control plane gets. Upstream's default is 500m and 2Gi, for meshes of a thousand pods.
     * @default requests 50m and 256Mi, limits 2 and 1Gi
     */
    readonly resources?: IstioResources | undefined;
    /** What the proxy in each pod of the mesh gets. @default requests 10m and 64Mi, limits 2 and 512Mi */
    readonly proxyResources?: IstioResources | undefined;
    /**
     * Whether Prometheus scrapes the control plane and every proxy, by monitors; needs the CRDs of the
     * prometheus-operator: depend on KubePrometheusStack. @default false
     */
    readonly monitored?: boolean | undefined;
    /** Namespace from which Prometheus scrapes. @default "monitoring" */
    readonly monitoringNamespace?: string | undefined;
    /** Values of the control plane's chart (istiod), merged last. Prefer a named argument where one exists. */
    readonly values?: IstiodValues | undefined;
    /** Values of the plugin's chart (cni), merged last. */
    readonly cniValues?: IstioCniValues | undefined;
    /** Values of the definitions' chart (base), merged last. */
    readonly baseValues?: IstioBaseValues | undefined;
}

/** What a container gets, as Kubernetes writes it. */
export interface IstioResources {
    /** What it is promised, e.g. `{ cpu: "100m", memory: "256Mi" }`. */
    readonly requests?: Readonly<Record<string, string>>;
    /** What it may use. */
    readonly limits?: Readonly<Record<string, string>>;
}

/**
 * The Istio service mesh with sidecars: mutual TLS between its pods, and metrics of every request
 * (`istio_requests_total`) without a change to them. A namespace joins by the labels `meshLabels()`, and where it
 * denies connections by default, by the openings `meshOpenings()`.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class Istio extends pulumi.ComponentResource {
    /** Name of the control plane's namespace. */
    public readonly namespace: string;

    constructor(name: string, args: IstioArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:Istio", name, {}, opts);
        reject(this, validateIstio(args));
        const namespace = args.namespace ?? "istio-system";
        const parent = { parent: this };
        const first = { ...parent, dependsOn: opts?.dependsOn ?? [] };

        const home = new SecureNamespace(
            `${name}-namespace`,
            { namespace, quota: args.quota, openings: istiodOpenings(args) },
            first,
        );
        const base = install("base", "istioBase", istioBaseValues(args), args.baseValues, [home]);
        const cni = args.cni === false ? [] : [installCni()];
        // Last: pods that join the mesh before the plugin is there would not start.
        const istiod = install(istiodApp, "istiod", istiodValues(args), args.values, [base, ...cni]);
        if (args.monitored) {
            createMonitors();
        }

        this.namespace = namespace;
        this.registerOutputs({ namespace: this.namespace });

        function install(
            role: string,
            chart: ChartKey,
            values: Values,
            extraValues: Values | undefined,
            dependsOn: pulumi.Resource[],
            into = namespace,
        ) {
            return installChart(
                `${name}-${role}`,
                {
                    chart,
                    release: `istio-${role}`,
                    namespace: into,
                    values,
                    extraValues,
                    source: args.source,
                },
                { ...parent, dependsOn },
            );
        }

        function installCni() {
            const into = args.cniNamespace ?? cniApp;
            const cniHome = new SecureNamespace(
                `${name}-cni-namespace`,
                { namespace: into, level: "privileged", openings: cniOpenings },
                first,
            );
            return install("cni", "istioCni", istioCniValues(args), args.cniValues, [cniHome], into);
        }

        function createMonitors() {
            const after = { ...parent, dependsOn: [istiod] };
            const control = serviceMonitor({ app: istiodApp, namespace, port: "http-monitoring" });
            new CustomResource(`${name}-monitor`, control, after);
            new CustomResource(`${name}-proxies-monitor`, proxyMonitor(namespace), after);
        }
    }
}

/** Problems with the arguments. */
export function validateIstio(args: IstioArgs): Problem[] {
    const { namespace = "istio-system", cniNamespace = cniApp } = args;
    return [
        ...checkName("namespace", args.namespace),
        ...checkQuota("quota", args.quota),
        ...checkName("cniNamespace", args.cniNamespace),
        ...(args.cni !== false && namespace === cniNamespace ? [oneNamespace(cniNamespace)] : []),
        ...checkPlatform("platform", args.platform),
        ...checkWhole("replicas", args.replicas, 1, 10),
        ...checkResources("resources", args.resources),
        ...checkResources("proxyResources", args.proxyResources),
        ...checkName("monitoringNamespace", args.monitoringNamespace),
        ...checkChartSource("source", args.source, [
            "istioBase",
            "istiod",
            ...(args.cni === false ? [] : (["istioCni"] as const)),
        ]),
    ];
}

function oneNamespace(given: string): Problem {
    return {
        property: "cniNamespace",
        given,
        allowed: "another namespace than that of the control plane, which stays restricted",
        fix: "leave it out, or name a namespace that nothing else uses",
    };
}

function checkResources(property: string, { requests = {}, limits = {} }: IstioResources = {}): Problem[] {
    return Object.entries({ requests, limits }).flatMap(([half, amounts]) =>
        Object.entries(amounts).flatMap(([key, amount]) => checkAmount(`${property}.${half}.${key}`, amount)),
    );
}

function checkPlatform(property: string, given: string | undefined): Problem[] {
    return given === undefined || istioPlatforms.some((platform) => platform === given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: istioPlatforms.map((platform) => `"${platform}"`).join(", "),
                  fix: "choose one of these, or leave it out on any other distribution",
              },
          ];
}
