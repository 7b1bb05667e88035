import { isIP } from "node:net";
import { softAntiAffinity } from "../../anti-affinity";
import { appLabel, resources } from "../../conventions";
import type { TraefikArgs, TraefikValues } from "../traefik";
import { httpsPortOf } from "./exposure";

/** Name of its release, Deployment and Service. */
export const traefikApp = "traefik";

/** The ports on which its pods listen: the chart's. */
export const webPort = 8000;
export const webSecurePort = 8443;
export const metricsPort = 9100;

/** The chart's values. */
export function traefikValues(args: TraefikArgs): TraefikValues {
    const ingressClass = args.ingressClass ?? traefikApp;
    const replicas = args.replicas ?? 1;
    return {
        fullnameOverride: traefikApp,
        global: { checkNewVersion: false, sendAnonymousUsage: false },
        api: { dashboard: false },
        ingressClass: { enabled: true, name: ingressClass, isDefaultClass: args.isDefaultClass ?? true },
        providers: {
            // Its definitions are not installed.
            kubernetesCRD: { enabled: false },
            kubernetesGateway: { enabled: false },
            // With the class, objects of no class or of another Traefik's are left alone.
            kubernetesIngress: { enabled: true, ingressClass, ...reportedAddress(args) },
        },
        deployment: { replicas },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: rolling(args) },
        affinity: replicas > 1 ? softAntiAffinity(appLabel(traefikApp)) : {},
        nodeSelector: args.nodeSelector ?? {},
        tolerations: args.tolerations ?? [],
        ports: entryPoints(args),
        service: { spec: { type: serviceType(args) } },
        resources: resources(["100m", "2"], ["96Mi", "384Mi"]),
    };
}

/** What Ingress objects report as their address. */
function reportedAddress({ address, exposure }: TraefikArgs) {
    if (address === undefined && (exposure?.kind ?? "load-balancer") === "load-balancer") {
        return { publishedService: { enabled: true } };
    }
    // A Service that is no load balancer has no address to copy: Ingress objects would never report one.
    const reported = address ?? "localhost";
    return {
        publishedService: { enabled: false },
        ingressEndpoint: isIP(reported) === 0 ? { hostname: reported } : { ip: reported },
    };
}

/** How pods are replaced: the new before the old, unless they need the same port of the same node. */
function rolling({ exposure }: TraefikArgs) {
    return exposure?.kind === "host-port"
        ? { maxUnavailable: 1, maxSurge: 0 }
        : { maxUnavailable: 0, maxSurge: 1 };
}

function entryPoints(args: TraefikArgs) {
    const { exposure, httpsRedirect, publicHttpsPort } = args;
    const nodePorts = exposure?.kind === "node-port";
    const hostPorts = exposure?.kind === "host-port";
    return {
        web: {
            ...(nodePorts && exposure.http !== undefined && { nodePort: exposure.http }),
            ...(hostPorts && { hostPort: exposure.http ?? 80 }),
            ...(httpsRedirect && {
                http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
            }),
        },
        websecure: {
            // Redirects lead to the port of the Service, so that is the one that clients see.
            exposedPort: (httpsRedirect ? (publicHttpsPort ?? httpsPortOf(exposure)) : undefined) ?? 443,
            ...(nodePorts && exposure.https !== undefined && { nodePort: exposure.https }),
            ...(hostPorts && { hostPort: exposure.https ?? 443 }),
        },
    };
}

function serviceType({ exposure }: TraefikArgs): "LoadBalancer" | "NodePort" | "ClusterIP" {
    switch (exposure?.kind) {
        case "node-port":
            return "NodePort";
        case "host-port":
            return "ClusterIP";
        default:
            return "LoadBalancer";
    }
}
