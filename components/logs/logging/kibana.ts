import { checkBytes, checkObjectName, type Problem } from "../../problems";
import { elasticsearchName, kibanaName, kibanaPort } from "./names";

export interface KibanaArgs {
    /** Memory, promised and at most. With 1Gi Kibana 9 does not start. @default "2Gi" */
    readonly memory?: string | undefined;
    /** How it is reached from outside the cluster. @default not at all: by `kubectl port-forward` */
    readonly ingress?: KibanaIngress | undefined;
}

/** An Ingress for Kibana. */
export interface KibanaIngress {
    /** Host name, e.g. "kibana.example.org". */
    readonly host: string;
    /** IngressClass. @default the cluster's default */
    readonly ingressClass?: string | undefined;
    /** ClusterIssuer of cert-manager that signs its certificate, e.g. `CertManager.issuerName`. @default none */
    readonly issuer?: string | undefined;
    /** Secret with its certificate, made by you or by `issuer`. @default "kibana-tls" with an issuer, else plain HTTP */
    readonly tlsSecret?: string | undefined;
}

/** The values of the chart eck-kibana. */
export function kibanaValues(args: KibanaArgs | false = {}) {
    if (args === false) {
        return { enabled: false };
    }
    const memory = args.memory ?? "2Gi";
    return {
        enabled: true,
        fullnameOverride: kibanaName,
        elasticsearchRef: { name: elasticsearchName },
        config: {
            "telemetry.optIn": false,
            ...(args.ingress && { "server.publicBaseUrl": publicUrl(args.ingress) }),
        },
        podTemplate: {
            spec: {
                // The operator's own, and that it is no root user: "restricted" namespaces want to read that.
                securityContext: {
                    runAsNonRoot: true,
                    fsGroup: 1000,
                    seccompProfile: { type: "RuntimeDefault" },
                },
                containers: [
                    {
                        name: "kibana",
                        resources: { requests: { cpu: "100m", memory }, limits: { cpu: "2", memory } },
                    },
                ],
            },
        },
        // Ingress controllers do not know the operator's certificate authority, so there they come without encryption.
        ...(args.ingress && { http: { tls: { selfSignedCertificate: { disabled: true } } } }),
        ingress: args.ingress ? ingressValues(args.ingress) : { enabled: false },
    };
}

function ingressValues(ingress: KibanaIngress) {
    const { host, ingressClass, issuer } = ingress;
    const secretName = tlsSecret(ingress);
    return {
        enabled: true,
        ...(ingressClass !== undefined && { className: ingressClass }),
        annotations: issuer === undefined ? {} : { "cert-manager.io/cluster-issuer": issuer },
        hosts: [{ host, path: "/" }],
        tls: secretName === undefined ? { enabled: false } : { enabled: true, secretName },
    };
}

function tlsSecret({ issuer, tlsSecret }: KibanaIngress): string | undefined {
    return tlsSecret ?? (issuer === undefined ? undefined : `${kibanaName}-tls`);
}

function publicUrl(ingress: KibanaIngress): string {
    return `${tlsSecret(ingress) === undefined ? "http" : "https"}://${ingress.host}`;
}

/** Where Kibana is: outside the cluster if there is a way to it, else inside. None without Kibana. */
export function kibanaUrl(args: KibanaArgs | false | undefined, namespace: string): string | undefined {
    if (args === false) {
        return undefined;
    }
    return args?.ingress
        ? publicUrl(args.ingress)
        : `https://${kibanaName}-kb-http.${namespace}.svc:${kibanaPort}`;
}

/** Problems with the arguments of Kibana. */
export function checkKibana(property: string, args: KibanaArgs | false = {}): Problem[] {
    if (args === false) {
        return [];
    }
    const { ingress } = args;
    return [
        ...checkBytes(`${property}.memory`, args.memory),
        ...(ingress ? checkHost(`${property}.ingress.host`, ingress.host) : []),
        ...checkObjectName(`${property}.ingress.ingressClass`, ingress?.ingressClass),
        ...checkObjectName(`${property}.ingress.issuer`, ingress?.issuer),
        ...checkObjectName(`${property}.ingress.tlsSecret`, ingress?.tlsSecret),
    ];
}

function checkHost(property: string, given: string): Problem[] {
    return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a host name in lower case, without scheme, port and path",
                  fix: "write the name only, such as kibana.example.org",
              },
          ];
}
