import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { destroy, outputs, preview, readOutputs, up } from "../../../local/runner/commands";
import { FakeApiServer, refused } from "./fake-api-server";

describe("runner commands", () => {
    let server: FakeApiServer;
    let written = "";
    const write = (text: string) => {
        written += text;
    };
    const stdout = { isTTY: false, write } as unknown as NodeJS.WriteStream;
    const directory = mkdtempSync(join(tmpdir(), "commands-"));
    writeFileSync(
        join(directory, "Pulumi.yaml"),
        `name: test\nmain: ${join(__dirname, "programs/app.ts")}\n`,
    );
    writeFileSync(join(directory, "Pulumi.dev.yaml"), "config:\n  test:extra: true\n");

    beforeEach(async () => {
        server = await FakeApiServer.start();
    });
    afterEach(() => server.stop());

    const run = async (command: typeof up, more: { showSecrets?: boolean } = {}) => {
        written = "";
        const status = await command({
            directory,
            stack: "dev",
            kubeconfig: server.kubeconfig,
            stdout,
            ...more,
        });
        return { status, text: stripVTControlCharacters(written) };
    };

    it("print one line per resource, outputs with secrets masked, and counts", async () => {
        const { status, text } = await run(up);
        assert.equal(status, 0);
        assert.match(text, /^Pulumi CLI not found\. .*This is not the Pulumi engine/);
        assert.match(text, /\n✔ Deployment space\/web created \d\.\d s\n/);
        assert.match(text, /\nOutputs:\n {2}address {3}10\.0\.0\.\d+\n {2}password {2}\[secret\]\n/);
        assert.match(text, /\n✔ 7 created in \d+\.\d s\n$/);
    });

    it("print outputs as JSON alone", async () => {
        await run(up);
        const masked = JSON.parse((await run(outputs)).text);
        const shown = JSON.parse((await run(outputs, { showSecrets: true })).text);
        assert.equal(masked.password, "[secret]");
        assert.equal(shown.password.length, 24);
        const { kubeconfig } = server;
        assert.deepEqual(await readOutputs({ directory, stack: "dev", kubeconfig }), masked);
    });

    it("say what a preview found, and what destroy did", async () => {
        assert.match((await run(preview)).text, /\n✔ 7 to create in /);
        await run(up);
        assert.match((await run(preview)).text, /\n✔ 7 unchanged in /);
        assert.match((await run(destroy)).text, /\n✔ 7 deleted in /);
        await assert.rejects(run(outputs), /has no outputs in this cluster yet/);
    });

    it("end with a report of every failure and status 1", async () => {
        server.intercept = (method, path) =>
            method === "PATCH" && path.endsWith("/settings") ? refused(422, "no\nsuch thing") : undefined;
        const { status, text } = await run(up);
        assert.equal(status, 1);
        assert.match(text, /\n↷ Deployment space\/web skipped: needs ConfigMap space\/settings\n/);
        assert.match(
            text,
            /\n1 failed:\n- ConfigMap space\/settings: no\nsuch thing\n\n✘ 5 created, 1 failed, 1 skipped in /,
        );
    });
});
