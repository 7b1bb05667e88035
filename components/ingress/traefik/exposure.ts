import { checkNodePort, checkWhole, type Problem } from "../../problems";

/** How clients outside the cluster reach the ingress controller. */
export type TraefikExposure = LoadBalancerExposure | NodePortExposure | HostPortExposure;

/** At a load balancer that the cloud, or MetalLB, provides; without a provider Pulumi waits for it in vain. */
export interface LoadBalancerExposure {
    readonly kind: "load-balancer";
}

/** At ports of every node. */
export interface NodePortExposure {
    readonly kind: "node-port";
    /** Port for HTTP, 30000 to 32767. @default the cluster chooses */
    readonly http?: number | undefined;
    /** Port for HTTPS, 30000 to 32767. @default the cluster chooses */
    readonly https?: number | undefined;
}

/** At ports of the nodes that run it, as on kind: one pod a node. Its namespace is then "privileged". */
export interface HostPortExposure {
    readonly kind: "host-port";
    /** Port for HTTP, 1 to 65535. @default 80 */
    readonly http?: number | undefined;
    /** Port for HTTPS, 1 to 65535. @default 443 */
    readonly https?: number | undefined;
}

/** Problems with a way to reach the ingress controller. */
export function checkExposure(property: string, exposure: TraefikExposure | undefined): Problem[] {
    switch (exposure?.kind) {
        case undefined:
        case "load-balancer":
            return [];
        case "node-port":
            return [
                ...checkNodePort(`${property}.http`, exposure.http),
                ...checkNodePort(`${property}.https`, exposure.https),
                ...checkDifferent(property, exposure.http, exposure.https),
            ];
        case "host-port":
            return [
                ...checkWhole(`${property}.http`, exposure.http, 1, 65535),
                ...checkWhole(`${property}.https`, exposure.https, 1, 65535),
                ...checkDifferent(property, exposure.http ?? 80, exposure.https ?? 443),
            ];
        default:
            return [
                {
                    property: `${property}.kind`,
                    // Only programs that are not type checked come here.
                    given: (exposure as { kind: unknown }).kind,
                    allowed: '"load-balancer", "node-port" or "host-port"',
                    fix: "choose one of these",
                },
            ];
    }
}

function checkDifferent(property: string, http: number | undefined, https: number | undefined): Problem[] {
    return http === undefined || http !== https
        ? []
        : [
              {
                  property: `${property}.https`,
                  given: https,
                  allowed: "another port than that of http",
                  fix: "choose two different ports",
              },
          ];
}

/** The port by which clients reach HTTPS; undefined where the cluster chooses it. */
export function httpsPortOf(exposure: TraefikExposure | undefined): number | undefined {
    switch (exposure?.kind) {
        case "node-port":
            return exposure.https;
        case "host-port":
            return exposure.https ?? 443;
        default:
            return 443;
    }
}
