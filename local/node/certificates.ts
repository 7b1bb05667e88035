import "reflect-metadata"; // @peculiar/x509's container needs it before the first import
import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A key and its certificate, both PEM. */
export interface Identity {
    readonly key: string;
    readonly certificate: string;
}

export interface Authority extends Identity {
    /** Issues a certificate for `subject` (an RFC 4514 name), for clients and, with `hosts`, for servers. */
    issue(subject: string, hosts?: readonly string[]): Promise<Identity>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** The cluster is thrown away long before; Kubernetes itself issues for one year. */
const validForDays = 365;

/** Makes a certificate authority that lives in memory and where the caller writes it. */
export async function authority(commonName: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
        name: `CN=${commonName}`,
        serialNumber: serial(),
        ...validity(),
        signingAlgorithm: algorithm,
        keys,
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
                true,
            ),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    return { key: await pem(keys.privateKey), certificate: root.toString("pem"), issue };

    async function issue(subject: string, hosts: readonly string[] = []): Promise<Identity> {
        const own = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
        const usages = [x509.ExtendedKeyUsage.clientAuth];
        if (hosts.length > 0) usages.push(x509.ExtendedKeyUsage.serverAuth);
        const certificate = await x509.X509CertificateGenerator.create({
            subject,
            issuer: root.subject,
            serialNumber: serial(),
            ...validity(),
            signingAlgorithm: algorithm,
            publicKey: own.publicKey,
            signingKey: keys.privateKey,
            extensions: [
                new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
                new x509.ExtendedKeyUsageExtension(usages),
                await x509.AuthorityKeyIdentifierExtension.create(root),
                ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(hostName))] : []),
            ],
        });
        return { key: await pem(own.privateKey), certificate: certificate.toString("pem") };
    }
}

/** The key pair with which service account tokens are signed and checked. */
export function serviceAccountKeys(): { key: string; publicKey: string } {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
        key: privateKey.export({ type: "sec1", format: "pem" }).toString(),
        publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    };
}

function hostName(value: string): { type: "ip" | "dns"; value: string } {
    return { type: /^[0-9.]+$/.test(value) ? "ip" : "dns", value };
}

function serial(): string {
    return `01${randomBytes(15).toString("hex")}`; // positive, 128 bit
}

function validity() {
    const now = Date.now();
    const minute = 60_000;
    // Five minutes back: a clock that steps after start must not make them invalid.
    return {
        notBefore: new Date(now - 5 * minute),
        notAfter: new Date(now + validForDays * 24 * 60 * minute),
    };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
    return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
