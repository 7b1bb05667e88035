import { checkChoice, checkNodePort, checkObjectName, type Problem } from "../../problems";
import type { MonitoringServer } from "./names";
import { escapeTemplates } from "./templates";

/** How people reach Grafana, Prometheus and Alertmanager: one choice for the three. */
export type Exposure = ClusterExposure | NodePortExposure | IngressExposure;

/** Inside the cluster only; from outside with `kubectl port-forward`. */
export interface ClusterExposure {
    readonly kind: "cluster";
}

/** On a port of every node, 30000 to 32767; a server without a port stays inside the cluster. */
export interface NodePortExposure {
    readonly kind: "nodePort";
    readonly grafana?: number | undefined;
    readonly prometheus?: number | undefined;
    readonly alertmanager?: number | undefined;
}

/** Through an ingress controller, with TLS, at `grafana.<domain>`, `prometheus.<domain>`, `alertmanager.<domain>`. */
export interface IngressExposure {
    readonly kind: "ingress";
    /** The domain below which each server has its host, e.g. `example.com`. */
    readonly domain: string;
    /** The IngressClass, e.g. `traefik`. */
    readonly ingressClassName: string;
    /**
     * Where certificates come from: a ClusterIssuer of cert-manager, which makes one for each host, or a Secret in
     * the namespace of the stack, with one for all hosts.
     */
    readonly tls: { readonly clusterIssuer: string } | { readonly secretName: string };
    /**
     * The servers that get a host. Prometheus and Alertmanager have no login: whoever reaches them can read every
     * series and silence every alert. Add them only with `annotations` that make the ingress controller ask for one,
     * or where the controller itself is reached by trusted people only. @default ["grafana"]
     */
    readonly servers?: readonly MonitoringServer[] | undefined;
    /** Annotations of every Ingress, for the ingress controller. @default none */
    readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** The choice when nothing is chosen. */
export const clusterExposure: ClusterExposure = { kind: "cluster" };

const all: readonly MonitoringServer[] = ["grafana", "prometheus", "alertmanager"];
const hostPattern =
    /^(?=.{1,240}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Addresses for browsers, of the servers that have one which is known before anything runs. */
export type Endpoints = Readonly<Partial<Record<MonitoringServer, string>>>;

/** The addresses behind an ingress controller; node ports have none, as the nodes' addresses are not known. */
export function publicEndpoints(exposure: Exposure): Endpoints {
    return exposure.kind === "ingress"
        ? Object.fromEntries(
              exposedServers(exposure).map((server) => [server, `https://${server}.${exposure.domain}`]),
          )
        : {};
}

/** The servers that are reached from outside the cluster. */
export function exposedServers(exposure: Exposure): readonly MonitoringServer[] {
    switch (exposure.kind) {
        case "cluster":
            return [];
        case "nodePort":
            return all.filter((server) => exposure[server] !== undefined);
        case "ingress":
            return exposure.servers ?? ["grafana"];
    }
}

/** The chart's values `service` and `ingress` of one server: the same keys in all three. */
export function exposureValues(exposure: Exposure, server: MonitoringServer) {
    if (!exposedServers(exposure).includes(server)) return {};
    if (exposure.kind === "nodePort") return { service: { type: "NodePort", nodePort: exposure[server] } };
    if (exposure.kind === "ingress") return { ingress: ingressValues(exposure, server) };
    return {};
}

function ingressValues(
    { domain, ingressClassName, tls, annotations }: IngressExposure,
    server: MonitoringServer,
) {
    const host = `${server}.${domain}`;
    const issuer = "clusterIssuer" in tls ? { "cert-manager.io/cluster-issuer": tls.clusterIssuer } : {};
    return {
        enabled: true,
        ingressClassName,
        hosts: [host],
        // Grafana's chart takes one path, the two others take a list; each ignores the other's key.
        ...(server === "grafana" ? { path: "/" } : { paths: ["/"] }),
        pathType: "Prefix",
        annotations: escapeTemplates({ ...annotations, ...issuer }),
        tls: [{ secretName: "secretName" in tls ? tls.secretName : `${server}-tls`, hosts: [host] }],
    };
}

/** Problems with the choice. */
export function checkExposure(property: string, exposure: Exposure | undefined): Problem[] {
    switch (exposure?.kind) {
        case "nodePort":
            return checkNodePorts(property, exposure);
        case "ingress":
            return checkIngress(property, exposure);
        default:
            return checkChoice(`${property}.kind`, exposure?.kind, ["cluster", "nodePort", "ingress"]);
    }
}

function checkNodePorts(property: string, exposure: NodePortExposure): Problem[] {
    const ports = exposedServers(exposure).map((server) => exposure[server]);
    const problems = all.flatMap((server) => checkNodePort(`${property}.${server}`, exposure[server]));
    const fits = ports.length > 0 && new Set(ports).size === ports.length;
    return fits
        ? problems
        : [
              ...problems,
              {
                  property,
                  given: exposure,
                  allowed: "at least one port, and no port twice",
                  fix: 'give grafana, prometheus or alertmanager a port of its own, or choose { kind: "cluster" }',
              },
          ];
}

function checkIngress(
    property: string,
    { domain, ingressClassName, tls, servers }: IngressExposure,
): Problem[] {
    const secret = "secretName" in tls ? "secretName" : "clusterIssuer";
    return [
        ...(hostPattern.test(domain)
            ? []
            : [
                  {
                      property: `${property}.domain`,
                      given: domain,
                      allowed: "a domain name in lower case, such as example.com",
                      fix: "write the domain alone, without scheme, port or path",
                  },
              ]),
        ...checkObjectName(`${property}.ingressClassName`, ingressClassName),
        ...checkObjectName(
            `${property}.tls.${secret}`,
            "secretName" in tls ? tls.secretName : tls.clusterIssuer,
        ),
        ...(servers === undefined || servers.length > 0
            ? []
            : [
                  {
                      property: `${property}.servers`,
                      given: servers,
                      allowed: "one or more of grafana, prometheus, alertmanager",
                      fix: 'name a server, or choose { kind: "cluster" }',
                  },
              ]),
        ...(servers ?? []).flatMap((server, i) => checkChoice(`${property}.servers[${i}]`, server, all)),
    ];
}
