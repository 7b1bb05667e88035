import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "../../local/instance";

const name = "pulumi-kube-observability";

describe("the package", function () {
    // It compiles the library once.
    this.timeout(240_000);
    let folder: string;
    let server: Server;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "package-"));
        await execa("npm", ["pack", "--pack-destination", folder], { cwd: checkout });
        const [tarball = ""] = readdirSync(folder);
        const modules = join(folder, "node_modules");
        mkdirSync(join(modules, name), { recursive: true });
        mkdirSync(join(modules, ".bin"));
        await execa("tar", [
            "-xzf",
            join(folder, tarball),
            "--strip-components=1",
            "-C",
            join(modules, name),
        ]);
        for (const entry of readdirSync(join(checkout, "node_modules"))) {
            if (!entry.startsWith("."))
                symlinkSync(join(checkout, "node_modules", entry), join(modules, entry));
        }
        const { bin } = require(join(modules, name, "package.json"));
        symlinkSync(join(modules, name, bin[name]), join(modules, ".bin", name));
        await execa("chmod", ["+x", join(modules, name, bin[name])]);
        writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
        server = createServer((_, response) => response.end('{"items":[]}'));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => {
        server?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    const run = (args: string[], env = {}) =>
        execa("npx", ["--no-install", name, ...args], {
            cwd: folder,
            reject: false,
            env: { ...env, HOME: folder },
        });

    it("brings the doctor as a command", async () => {
        const { exitCode, stdout } = await run(["doctor", "--help"]);
        assert.equal(exitCode, 0);
        assert.match(stdout, /0 healthy, 1 broken, 2 could not look/);
    });

    it("whose doctor looks at the cluster of the kubeconfig that it is given", async () => {
        const file = join(folder, "kubeconfig");
        const cluster = {
            server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            "insecure-skip-tls-verify": true,
        };
        const contexts = ["here", "there"].map((context) => ({
            name: context,
            context: { cluster: "one", user: "me" },
        }));
        const config = {
            clusters: [{ name: "one", cluster }],
            users: [{ name: "me", user: { token: "t" } }],
            contexts,
        };
        writeFileSync(file, JSON.stringify(config));
        const looked = await run(["doctor", "--kubeconfig", file, "--context", "there"]);
        assert.deepEqual([looked.exitCode, looked.stdout], [0, "There is no autoscaler to look at."]);
        const elsewhere = await run(["doctor", "--kubeconfig", file, "--context", "nowhere", "--json"]);
        assert.equal(elsewhere.exitCode, 2);
        assert.match(JSON.parse(elsewhere.stdout).problem, /no context "nowhere"; it has: here, there/);
    });

    it("whose doctor says where no cluster is to be found", async () => {
        const { exitCode, stdout } = await run(["doctor"], { KUBECONFIG: join(folder, "none") });
        assert.equal(exitCode, 2);
        assert.match(stdout, /kubeconfig/i);
    });

    it("brings the library, with types and the programs that it reads from disk", async () => {
        const source = `const { RedisQueue } = require("${name}"); console.log(typeof RedisQueue);`;
        const { stdout } = await execa("node", ["-e", source], { cwd: folder });
        assert.equal(stdout, "function");
        const inside = join(folder, "node_modules", name, "dist", "components");
        assert.ok(readdirSync(inside).includes("index.d.ts"));
        assert.deepEqual(
            readdirSync(join(inside, "apps")),
            readdirSync(join(checkout, "components", "apps")),
        );
    });
});
