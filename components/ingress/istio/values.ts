import type { core } from "@pulumi/kubernetes/types/input";
import { softAntiAffinity } from "../../anti-affinity";
import type { Values } from "../../charts/install-chart";
import { appLabel, resources } from "../../conventions";
import type { IstioArgs, IstioResources } from "../istio";

/** The keys of the chart istiod that this component sets. */
export interface IstiodValues extends Values {
    readonly autoscaleEnabled?: boolean;
    readonly replicaCount?: number;
    readonly resources?: core.v1.ResourceRequirements | IstioResources;
    readonly seccompProfile?: Values;
    readonly affinity?: core.v1.Affinity;
    readonly cni?: Values;
    readonly meshConfig?: Values;
    readonly global?: Values;
}

/** The keys of the chart cni that this component sets. */
export interface IstioCniValues extends Values {
    readonly resources?: core.v1.ResourceRequirements;
    readonly useAppArmorAnnotation?: boolean;
    readonly global?: Values;
}

/** The keys of the chart base that this component sets. */
export interface IstioBaseValues extends Values {
    readonly global?: Values;
}

/** Name of the control plane's Deployment and Service: the chart's. */
export const istiodApp = "istiod";

/** Name of the plugin's DaemonSet, less `-node`: the chart's. */
export const cniApp = "istio-cni";

const seccompProfile = { type: "RuntimeDefault" };

/** The values of the chart base: definitions, and who validates them. */
export function istioBaseValues(args: IstioArgs): IstioBaseValues {
    return { global: { istioNamespace: args.namespace ?? "istio-system" } };
}

/** The values of the chart cni. */
export function istioCniValues(args: IstioArgs): IstioCniValues {
    return {
        resources: resources(["20m", "1"], ["64Mi", "256Mi"]),
        // By a field of the pod instead, as Kubernetes has it since 1.30: the annotation goes away.
        useAppArmorAnnotation: false,
        ...platform(args),
    };
}

/** The values of the chart istiod. */
export function istiodValues(args: IstioArgs): IstiodValues {
    const replicas = args.replicas ?? 1;
    return {
        // As many as told: what scales here should be what is measured.
        autoscaleEnabled: false,
        replicaCount: replicas,
        resources: args.resources ?? resources(["50m", "2"], ["256Mi", "1Gi"]),
        seccompProfile,
        affinity: replicas > 1 ? softAntiAffinity(appLabel(istiodApp)) : {},
        cni: { enabled: args.cni !== false },
        meshConfig: {
            // A line for each request is a choice of its own (Telemetry objects), not a default.
            accessLogFile: "",
            // Pods' own metrics stay where they are; the proxies' are scraped from the proxies.
            enablePrometheusMerge: false,
        },
        global: {
            istioNamespace: args.namespace ?? "istio-system",
            // With it, "restricted" namespaces take the proxies in.
            proxy: {
                resources: args.proxyResources ?? resources(["10m", "2"], ["64Mi", "512Mi"]),
                seccompProfile,
            },
            ...platform(args).global,
        },
    };
}

function platform({ platform }: IstioArgs): { global?: { platform: string } } {
    return platform === undefined ? {} : { global: { platform } };
}
