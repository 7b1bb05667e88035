import type { CustomResourceArgs } from "@pulumi/kubernetes/apiextensions";
import { waitFor } from "../../conventions";
import { checkObjectName, type Problem } from "../../problems";

/** Who signs certificates. */
export type Issuer = SelfSignedIssuer | AcmeIssuer;

/** Every certificate signs itself: encryption without trust, for tests. */
export interface SelfSignedIssuer {
    readonly kind: "self-signed";
}

/** An ACME server such as Let's Encrypt, which must reach the certificates' hosts on port 80. */
export interface AcmeIssuer {
    readonly kind: "acme";
    /** Address to which the server writes about certificates that are about to expire. */
    readonly email: string;
    /** Directory of the server. @default "https://acme-v02.api.letsencrypt.org/directory" */
    readonly server?: string | undefined;
    /** IngressClass of the controller that answers the challenges, e.g. `Traefik.ingressClass`. */
    readonly ingressClass: string;
}

const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

/** The name of an issuer's ClusterIssuer. */
export function issuerName({ kind }: Issuer): string {
    return kind;
}

/** The ClusterIssuer; Pulumi waits until it can sign. */
export function clusterIssuer(issuer: Issuer): CustomResourceArgs {
    return {
        apiVersion: "cert-manager.io/v1",
        kind: "ClusterIssuer",
        metadata: { name: issuerName(issuer), annotations: waitFor("Ready") },
        spec: issuer.kind === "self-signed" ? { selfSigned: {} } : { acme: acme(issuer) },
    };
}

function acme({ email, server, ingressClass }: AcmeIssuer) {
    return {
        email,
        server: server ?? letsEncrypt,
        // cert-manager makes it: the key of the account at that server.
        privateKeySecretRef: { name: "acme-account-key" },
        solvers: [{ http01: { ingress: { ingressClassName: ingressClass } } }],
    };
}

/** Problems with an issuer. */
export function checkIssuer(property: string, issuer: Issuer | undefined): Problem[] {
    switch (issuer?.kind) {
        case undefined:
        case "self-signed":
            return [];
        case "acme":
            return [
                ...checkEmail(`${property}.email`, issuer.email),
                ...checkServer(`${property}.server`, issuer.server),
                ...checkObjectName(`${property}.ingressClass`, issuer.ingressClass),
            ];
        default:
            return [
                {
                    property: `${property}.kind`,
                    // Only programs that are not type checked come here.
                    given: (issuer as { kind: unknown }).kind,
                    allowed: '"self-signed" or "acme"',
                    fix: "choose one of these",
                },
            ];
    }
}

function checkEmail(property: string, given: string): Problem[] {
    return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "one email address",
                  fix: "give an address that somebody reads",
              },
          ];
}

function checkServer(property: string, given: string | undefined): Problem[] {
    return given === undefined || /^https:\/\/[^\s/]+(\/\S*)?$/.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "the https address of an ACME directory",
                  fix: `leave it out for Let's Encrypt, or write the directory's address, such as ${letsEncrypt}`,
              },
          ];
}
