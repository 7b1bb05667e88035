import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProject, stackConfig } from "../../../local/runner/config";
import { readKubeConfig, serverOf } from "../../../local/runner/kubeconfig";

describe("stack configuration", () => {
    const read = (declared: object, values: object) =>
        stackConfig(
            "app",
            declared as Record<string, unknown>,
            values as Record<string, unknown>,
            "Pulumi.dev.yaml",
        );

    it("is text by project:key, structures as JSON", () => {
        const values = {
            "app:text": "a",
            "app:number": 3,
            "app:flag": true,
            "app:object": { a: [1] },
            "other:key": "b",
        };
        assert.deepEqual(read({}, values), {
            "app:text": "a",
            "app:number": "3",
            "app:flag": "true",
            "app:object": '{"a":[1]}',
            "other:key": "b",
        });
    });

    it("takes what Pulumi.yaml declares, short or long, where the stack says nothing", () => {
        const declared = {
            short: "a",
            long: { type: "integer", default: 2 },
            "x:fixed": { value: { a: 1 } },
            said: { default: "no" },
        };
        assert.deepEqual(read(declared, { "app:said": "yes" }), {
            "app:short": "a",
            "app:long": "2",
            "x:fixed": '{"a":1}',
            "app:said": "yes",
        });
    });

    it("leaves the CLI's own keys out", () => {
        assert.deepEqual(read({}, { "pulumi:disable-default-providers": ["kubernetes"] }), {});
    });

    it("names every declared key without a value", () => {
        assert.throws(() => read({ a: { type: "string" }, b: { type: "integer" } }, {}), /no value for a, b/);
    });

    it("refuses encrypted values, also inside objects", () => {
        const secure = { secure: "v1:abc" };
        assert.throws(
            () => read({}, { "app:password": secure }),
            /Pulumi\.dev\.yaml: "app:password" is encrypted/,
        );
        assert.throws(() => read({}, { "app:object": { inner: [secure] } }), /encrypted/);
    });
});

describe("readProject", () => {
    const directory = mkdtempSync(join(tmpdir(), "project-"));
    writeFileSync(join(directory, "Pulumi.yaml"), "name: app\nmain: program\n");
    writeFileSync(join(directory, "Pulumi.dev.yaml"), "config:\n  app:key: value\n");

    it("finds name, program and configuration", () => {
        const program = join(directory, "program", "index.ts");
        assert.deepEqual(readProject(directory, "dev"), {
            name: "app",
            program,
            config: { "app:key": "value" },
        });
    });

    it("names the file of a stack that does not exist", () => {
        assert.throws(() => readProject(directory, "prod"), /Pulumi\.prod\.yaml does not exist/);
    });
});

describe("kubeconfig", () => {
    const directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    const write = (name: string, user: object, cluster: object = {}) => {
        const path = join(directory, name);
        const config = {
            "current-context": "c",
            contexts: [{ name: "c", context: { cluster: "k", user: "u", namespace: "apps" } }],
            clusters: [{ name: "k", cluster: { server: "https://127.0.0.1:6443/", ...cluster } }],
            users: [{ name: "u", user }],
        };
        writeFileSync(path, JSON.stringify(config));
        return path;
    };
    writeFileSync(join(directory, "ca.pem"), "CA");
    const data = Buffer.from("PEM").toString("base64");

    it("gives server, namespace and certificates, from the file itself or from files beside it", async () => {
        const user = { "client-certificate-data": data, "client-key-data": data };
        const path = write("certificates", user, { "certificate-authority": "ca.pem" });
        assert.deepEqual(await readKubeConfig(path), {
            server: "https://127.0.0.1:6443",
            namespace: "apps",
            tls: { ca: Buffer.from("CA"), cert: Buffer.from("PEM"), key: Buffer.from("PEM") },
            headers: {},
        });
    });

    it("gives a token", async () => {
        const path = write("token", { token: "t" }, { "insecure-skip-tls-verify": true });
        const { headers, tls } = await readKubeConfig(path);
        assert.deepEqual([headers, tls], [{ authorization: "Bearer t" }, { rejectUnauthorized: false }]);
    });

    it("leaves other kinds of users to the Kubernetes client", async () => {
        const answer = {
            apiVersion: "client.authentication.k8s.io/v1",
            kind: "ExecCredential",
            status: { token: "e" },
        };
        const exec = { apiVersion: answer.apiVersion, command: "echo", args: [JSON.stringify(answer)] };
        const { headers, server } = await readKubeConfig(write("exec", { exec }));
        assert.deepEqual([headers, server], [{ Authorization: "Bearer e" }, "https://127.0.0.1:6443"]);
    });

    it("names a context that is not there", async () => {
        const path = join(directory, "empty");
        writeFileSync(path, "current-context: gone\n");
        await assert.rejects(readKubeConfig(path), /the context "gone" names no cluster/);
    });

    it("tells the server of a provider's kubeconfig, path or text", () => {
        const path = write("provider", {});
        assert.equal(serverOf(path), "https://127.0.0.1:6443");
        assert.equal(
            serverOf(
                'current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\nclusters: [{name: k, cluster: {server: "http://x"}}]',
            ),
            "http://x",
        );
    });
});
