import { appLabel, type Labels } from "../../conventions";
import type { Opening } from "../../namespaces/secure-namespace";
import type { IstioArgs } from "../istio";
import { istiodApp } from "./values";

/** Ports of the control plane's pods: configuration and certificates for proxies, and its webhooks. */
const xdsPort = 15012;
const webhookPort = 15017;

/** Where a proxy serves its metrics. */
const proxyMetricsPort = 15090;

/** The labels by which a namespace joins the mesh: pods made from then on get a proxy. */
export function meshLabels(): Labels {
    return { "istio-injection": "enabled" };
}

/** What a namespace of the mesh must open, beside what its applications need: the way to the control plane. */
export function meshOpenings(args: Pick<IstioArgs, "namespace" | "monitoringNamespace"> = {}): Opening[] {
    return [
        {
            name: "mesh-control-plane",
            direction: "egress",
            peer: { namespace: args.namespace ?? "istio-system", pods: appLabel(istiodApp) },
            ports: [xdsPort],
        },
        {
            name: "mesh-metrics-from-monitoring",
            direction: "ingress",
            peer: { namespace: args.monitoringNamespace ?? "monitoring" },
            ports: [proxyMetricsPort],
        },
    ];
}

const toApi: Opening = { name: "api", direction: "egress", peer: "anywhere", ports: [443, 6443] };

/** What goes in and out of the control plane's namespace. */
export function istiodOpenings(args: IstioArgs): Opening[] {
    const scraping: Opening = {
        name: "metrics-from-monitoring",
        direction: "ingress",
        peer: { namespace: args.monitoringNamespace ?? "monitoring" },
        ports: [15014],
    };
    return [
        // Proxies are in any namespace; the API server, which is no pod, asks the webhooks.
        { name: "proxies-and-api", direction: "ingress", peer: "anywhere", ports: [xdsPort, webhookPort] },
        toApi,
        ...(args.monitored ? [scraping] : []),
    ];
}

/** What goes in and out of the plugin's namespace: it only watches pods. */
export const cniOpenings: readonly Opening[] = [toApi];
