import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import pc from "picocolors";
import { exitCode, json, place } from "../../../doctor/command";
import { Reads } from "../../../doctor/read/api";
import { connect, credentialError } from "../../../doctor/read/kubeconfig";
import { details, overview } from "../../../doctor/report";
import { ask } from "../../../doctor/run";
import { diagnose } from "../../../doctor/walk";
import { example, healthy, missing, refused, withTarget } from "./support";

const well = diagnose(healthy);
const ill = diagnose(withTarget({ object: missing(), scale: missing() }));
const hidden = diagnose({
    ...healthy,
    around: { ...healthy.around, quotas: refused("/api/v1/namespaces/shop/resourcequotas") },
});
const seconds = 1;

describe("the exit status", () => {
    it("is 0 healthy, 1 broken, 2 could not look; broken is worse", () => {
        assert.equal(exitCode({ diagnoses: [well], seconds }), 0);
        assert.equal(exitCode({ diagnoses: [], seconds }), 0);
        assert.equal(exitCode({ diagnoses: [well, ill], seconds }), 1);
        assert.equal(exitCode({ diagnoses: [hidden], seconds }), 2);
        assert.equal(exitCode({ diagnoses: [hidden, ill], seconds }), 1);
        assert.equal(exitCode({ diagnoses: [], problem: "no cluster", seconds }), 2);
        assert.equal(exitCode({ diagnoses: [], without: "Deployment a/b has no autoscaler", seconds }), 1);
    });
});

describe("the command line", function () {
    this.timeout(20_000);
    const run = (args: string[], env = {}) =>
        execa("node", ["--require", "ts-node/register", "doctor/cli.ts", ...args], {
            cwd: join(__dirname, "..", "..", ".."),
            reject: false,
            env,
        });

    it("ends with 2 where it was used wrongly, which is not what is broken in a cluster", async () => {
        const [option, name, help] = await Promise.all([
            run(["doctor", "--nope"]),
            run(["doctor", "a/b/c"]),
            run(["doctor", "--help"]),
        ]);
        assert.deepEqual([option.exitCode, name.exitCode, help.exitCode], [2, 2, 0]);
        assert.match(option.stderr, /unknown option '--nope'/);
        assert.match(name.stderr, /want namespace\/name/);
    });
});

describe("the kubeconfig's credential plugin", () => {
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "plugin-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    /** What the doctor says with a plugin of this command. */
    async function told(exec: object): Promise<string | undefined> {
        const file = join(folder, "kubeconfig");
        const config = {
            clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
            users: [
                { name: "u", user: { exec: { apiVersion: "client.authentication.k8s.io/v1", ...exec } } },
            ],
            contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
            "current-context": "x",
        };
        writeFileSync(file, JSON.stringify(config));
        return (await ask(await connect({ kubeconfig: file }), {})).problem;
    }

    it("is named where it fails, with its own words", async () => {
        const script = "echo 'The SSO session has expired.' >&2; exit 255";
        assert.equal(
            await told({ command: "sh", args: ["-c", script] }),
            "The cluster could not be looked at: the kubeconfig's credential plugin `sh` failed: The SSO session has expired.",
        );
    });

    it("is named where there is no such program", async () => {
        assert.equal(
            await told({ command: "no-such-aws" }),
            "The cluster could not be looked at: the kubeconfig's credential plugin `no-such-aws` failed: it is not on the PATH.",
        );
    });

    it("is not blamed for what a kubeconfig without one lacks", () => {
        const error = new Error("no such file");
        assert.equal(credentialError({}, error), error);
    });
});

describe("a name on the command line", () => {
    it("is namespace/name, a name, or nothing", () => {
        assert.deepEqual(place("a/b"), { namespace: "a", name: "b" });
        assert.deepEqual(place("b"), { namespace: undefined, name: "b" });
        assert.deepEqual(place(undefined), {});
        for (const wrong of ["a/b/c", "/b", "a/", ""])
            assert.throws(() => place(wrong), /want namespace\/name/);
    });
});

describe("the report", () => {
    const colors = pc.createColors(false);

    it("shows every hop with its evidence, and last the broken one, why, and what to do", () => {
        const text = details(ill, colors);
        for (const { hop } of ill.hops) assert.match(text, new RegExp(`^. ${hop} `, "m"));
        assert.match(
            text,
            /First broken hop: target\. Deployment shop\/orders does not exist\.\nWhat to do: /,
        );
    });

    it("is the example of its page", () => {
        const page = readFileSync(join(__dirname, "..", "..", "..", "docs", "doctor.md"), "utf8");
        const [, shown] =
            /<!-- example -->\n\n```text\n([\s\S]*?)\n```\n\n<!-- \/example -->/.exec(page) ?? [];
        assert.equal(shown, details(diagnose(example), colors));
    });

    it("of many is a line for each, and the details of those that do not work", () => {
        const text = overview([well, ill], colors);
        assert.equal(text.split("First broken hop").length, 2);
        assert.match(text, /^✔ ScaledObject shop\/orders: in order$/m);
    });

    it("says which right is missing", () => {
        assert.match(
            details(hidden, colors),
            /Could not look at limits: the right to list resourcequotas in namespace shop is missing/,
        );
    });

    it("as JSON has a version, the exit status, and each hop's verdict", () => {
        const parsed = JSON.parse(json({ diagnoses: [ill], seconds }));
        assert.deepEqual([parsed.version, parsed.exitCode, parsed.diagnoses[0].broken.hop], [1, 1, "target"]);
        assert.deepEqual(Object.keys(parsed.diagnoses[0]), [
            "namespace",
            "name",
            "kind",
            "target",
            "signals",
            "health",
            "broken",
            "hops",
        ]);
        assert.equal(parsed.diagnoses[0].hops.length, 13);
    });
});

describe("reading", () => {
    let server: Server;
    let base: string;
    const seen: { method: string | undefined; url: string | undefined }[] = [];

    before(async () => {
        server = createServer(({ method, url }, response) => {
            seen.push({ method, url });
            if (url?.startsWith("/hang")) return;
            const forbidden = url?.startsWith("/apis/autoscaling");
            response.statusCode = forbidden ? 403 : url?.startsWith("/api") ? 404 : 200;
            response.end(
                forbidden
                    ? '{"reason":"Forbidden","message":"you may not"}'
                    : '{"reason":"NotFound","items":[1]}',
            );
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
        server.closeAllConnections();
        server.close();
    });
    const connection = () => ({ server: base, credentials: async () => ({}) });

    it("asks each question once", async () => {
        const reads = new Reads(connection());
        const [first, second] = await Promise.all([reads.list("/x"), reads.list("/x")]);
        assert.deepEqual(
            [first, second],
            [
                { ok: true, value: [1] },
                { ok: true, value: [1] },
            ],
        );
        assert.equal(seen.filter(({ url }) => url === "/x").length, 1);
    });

    it("gives up after its patience", async () => {
        const answer = await new Reads(connection(), 50).text("/hang");
        assert.equal(answer.ok, false);
        assert.equal(!answer.ok && answer.failure.kind, "timeout");
    });

    it("says that nobody is there", async () => {
        const answer = await new Reads({ server: "http://127.0.0.1:1", credentials: async () => ({}) }).text(
            "/x",
        );
        assert.equal(!answer.ok && answer.failure.kind, "unreachable");
    });

    it("without the right to list autoscalers says which it is, and nothing is written", async () => {
        const { problem } = await ask(connection(), {});
        assert.match(problem ?? "", /right to list horizontalpodautoscalers\.autoscaling is missing/);
        assert.deepEqual(new Set(seen.map(({ method }) => method)), new Set(["GET"]));
    });
});
