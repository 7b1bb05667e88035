import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine, engineEnvironment, engineOutputs } from "../../../local/engine";
import { type Instance, instance } from "../../../local/instance";
import { locked } from "../../../local/lock";

describe("with the Pulumi CLI", () => {
    const saved = { ...process.env };
    let root: string;
    let cluster: Instance;

    // Stands in for the CLI, which these tests cannot have: records how it is called.
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "engine-"));
        cluster = instance("dev", root);
        mkdirSync(join(root, "bin"));
        const script = `#!/bin/sh\necho "$* KUBECONFIG=$KUBECONFIG PULUMI_BACKEND_URL=$PULUMI_BACKEND_URL" >>${root}/calls\n[ "$2" != output ] || echo '{"a":"b"}'\n`;
        writeFileSync(join(root, "bin/pulumi"), script);
        chmodSync(join(root, "bin/pulumi"), 0o755);
        process.env.PATH = `${join(root, "bin")}:${saved.PATH}`;
    });

    afterEach(() => {
        process.env.PATH = saved.PATH;
        rmSync(root, { recursive: true });
    });

    it("selects the stack, then runs the command on it without questions", async () => {
        await engine(cluster, "up");
        const calls = readFileSync(join(root, "calls"), "utf8").trim().split("\n");
        const file = `--config-file ${cluster.dir}/pulumi/Pulumi.dev.yaml`;
        const env = `KUBECONFIG=${cluster.kubeconfig} PULUMI_BACKEND_URL=file://${cluster.dir}/pulumi`;
        assert.deepEqual(calls, [
            `stack select --create dev ${file} ${env}`,
            `up --stack dev --yes --skip-preview ${file} ${env}`,
        ]);
    });

    it("keeps the passphrase in a file for its owner alone, the same in every run", async () => {
        const first = await engineEnvironment(cluster, {});
        const file = first.env.PULUMI_CONFIG_PASSPHRASE_FILE as string;
        const passphrase = readFileSync(file, "utf8");
        assert.ok(passphrase.length >= 24);
        assert.equal(statSync(file).mode & 0o077, 0);
        await engineEnvironment(cluster, {});
        assert.equal(readFileSync(file, "utf8"), passphrase);
    });

    it("lets the user's own backend and passphrase win", async () => {
        const { env } = await engineEnvironment(cluster, {
            PULUMI_BACKEND_URL: "file:///mine",
            PULUMI_CONFIG_PASSPHRASE: "",
        });
        assert.equal(env.PULUMI_BACKEND_URL, "file:///mine");
        assert.equal(env.PULUMI_CONFIG_PASSPHRASE_FILE, undefined);
    });

    it("reads outputs as JSON, secrets only when asked", async () => {
        assert.deepEqual(await engineOutputs(cluster, false), { a: "b" });
        assert.ok(!readFileSync(join(root, "calls"), "utf8").includes("--show-secrets"));
        await engineOutputs(cluster, true);
        assert.ok(readFileSync(join(root, "calls"), "utf8").includes("--show-secrets"));
    });
});

describe("the lock", () => {
    it("counts for nothing once its process has ended, and is gone afterwards", async () => {
        const root = mkdtempSync(join(tmpdir(), "lock-"));
        const cluster = instance("dev", root);
        mkdirSync(join(root, ".cluster"));
        writeFileSync(`${cluster.dir}.lock`, "4194305"); // above the kernel's highest pid
        assert.equal(await locked(cluster, async () => "done"), "done");
        assert.throws(() => statSync(`${cluster.dir}.lock`), /ENOENT/);
        rmSync(root, { recursive: true });
    });
});
