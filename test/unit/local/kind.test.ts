import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge } from "../../../local/commands/choose";
import { isOurs } from "../../../local/commands/heal";
import { kindUp, missingTools } from "../../../local/commands/kind";

describe("make kind", () => {
    const path = process.env.PATH;
    let bin: string;
    const program = (name: string, script: string) => {
        writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
        chmodSync(join(bin, name), 0o755);
    };

    beforeEach(() => {
        bin = mkdtempSync(join(tmpdir(), "bin-"));
        // Nothing of the machine's own but the shell.
        process.env.PATH = bin;
        program("docker", "echo 27.0.0");
        program("kind", "echo kind v0.32.0 go1.26.0 linux/amd64");
        program("pulumi", "echo v3.260.0");
    });
    afterEach(() => {
        process.env.PATH = path;
        rmSync(bin, { recursive: true });
    });

    it("finds nothing missing where all three programs are", async () => {
        assert.deepEqual(await missingTools(), []);
    });

    it("names every program that is missing, and what to do", async () => {
        rmSync(join(bin, "kind"));
        rmSync(join(bin, "pulumi"));
        const missing = await missingTools();
        assert.equal(missing.length, 2);
        assert.match(missing[0] ?? "", /^kind is not installed: install kind 0\.32 or later/);
        assert.match(missing[1] ?? "", /^the Pulumi CLI is not installed: install it/);
    });

    it("tells a daemon that does not answer from a program that is not there", async () => {
        program("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
        assert.match(
            (await missingTools())[0] ?? "",
            /^Docker does not answer \(Cannot connect to the Docker daemon\): .*start its daemon/,
        );
    });

    it("refuses a kind that cannot configure this Kubernetes", async () => {
        program("kind", "echo kind v0.31.0 go1.25.0 linux/amd64");
        assert.match((await missingTools())[0] ?? "", /^kind is 0\.31: install kind 0\.32 or later/);
        program("kind", "echo kind v1.0.0 go1.27.0 linux/amd64");
        assert.deepEqual(await missingTools(), []);
    });

    it("does nothing where a program is missing", async () => {
        program("kind", "touch $0.called; exit 1");
        await assert.rejects(kindUp(), /^Error: The kind stack cannot run here:\n- kind does not answer/);
    });
});

describe("make up", () => {
    it("takes the embedded cluster where it can run, and does not look for Docker", async () => {
        const choice = await judge([], () => assert.fail("looked for Docker"));
        assert.equal(choice.platform, "embedded");
    });

    it("takes kind where only that can run, and says why", async () => {
        const choice = await judge(["You are user 1000; needs root"], async () => []);
        assert.equal(choice.platform, "kind");
        assert.match(choice.why, /You are user 1000/);
    });

    it("names what both lack where neither can run", async () => {
        await assert.rejects(
            judge(["no root"], async () => ["no Docker", "no kind"]),
            /The embedded cluster:\n- no root\nkind:\n- no Docker\n- no kind/,
        );
    });
});

describe("make heal", () => {
    it("touches the records of the library's own releases alone, in their own namespaces", () => {
        for (const [namespace, release, ours] of [
            ["keda", "keda", true],
            ["monitoring", "prometheus-operator-crds", true],
            ["istio-system", "istio-istiod", true],
            ["somebody-else", "keda", false],
            ["keda", "my-app", false],
        ] as const) {
            assert.equal(isOurs({ namespace, release }), ours, `${namespace}/${release}`);
        }
    });
});
