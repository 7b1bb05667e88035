import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { notice } from "../../../local/runner";
import { destroy, preview, readOutputs, up } from "../../../local/runner/commands";
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

    const run = async (command: typeof up, more: { because?: string } = {}) => {
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

    const read = (showSecrets?: boolean) => {
        const { kubeconfig } = server;
        const options = { directory, stack: "dev", kubeconfig, stdout };
        return readOutputs({ ...options, ...(showSecrets !== undefined && { showSecrets }) });
    };

    it("begin with why the Pulumi CLI is not used, and what this is instead", async () => {
        const because = "The runner was asked for.";
        for (const command of [up, preview, destroy]) {
            const { text } = await run(command, { because });
            assert.ok(text.startsWith(`${because} ${notice}\n`), text.slice(0, 200));
            const byDefault = (await run(command)).text;
            assert.ok(byDefault.startsWith(`Pulumi CLI not found. ${notice}\n`), byDefault.slice(0, 200));
        }
    });

    it("say nothing of a run where there is no project to run", async () => {
        const folder = mkdtempSync(join(tmpdir(), "commands-empty-"));
        written = "";
        const { kubeconfig } = server;
        await assert.rejects(up({ directory: folder, stack: "dev", kubeconfig, stdout }));
        assert.equal(written, "");
    });

    it("read the outputs of the last run, and print nothing", async () => {
        await run(up);
        written = "";
        assert.equal((await read()).password, "[secret]");
        assert.equal(((await read(true)).password as string).length, 24);
        assert.equal(written, "");
    });

    it("say what a preview found, and what destroy did", async () => {
        assert.match((await run(preview)).text, /\n✔ 7 to create in /);
        await run(up);
        assert.match((await run(preview)).text, /\n✔ 7 unchanged in /);
        assert.match((await run(destroy)).text, /\n✔ 7 deleted in /);
        await assert.rejects(read(), /has no outputs in this cluster yet/);
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
