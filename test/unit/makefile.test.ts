import assert from "node:assert/strict";
import {
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    renameSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** Stands in for Node.js: says how it is called, and with which kubeconfig. */
const standIn = '#!/bin/sh\necho "$KUBECONFIG $*"\nexit 1\n';

/** Those that are for users, but for `help`: what is declared to be no file. */
function targets(root: string): string[] {
    const [, declared = ""] =
        /^\.PHONY: ((?:.*\\\n)*.*)$/m.exec(readFileSync(join(root, "Makefile"), "utf8")) ?? [];
    return declared.split(/[\s\\]+/).filter((name) => !["help", "own-node_modules"].includes(name));
}

describe("make", () => {
    let root: string;
    const make = (args: string[], env = {}) =>
        execa("make", args, {
            cwd: root,
            reject: false,
            extendEnv: false,
            env: { PATH: `${join(root, "bin")}:${process.env.PATH}`, HOME: join(root, "home"), ...env },
        });

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "makefile-"));
        copyFileSync(join(__dirname, "..", "..", "Makefile"), join(root, "Makefile"));
        for (const folder of ["bin", "home", "node_modules"]) mkdirSync(join(root, folder));
        writeFileSync(join(root, "bin", "node"), standIn, { mode: 0o755 });
        for (const file of ["package.json", "package-lock.json", "node_modules/.package-lock.json"])
            writeFileSync(join(root, file), "{}");
    });
    afterEach(() => rmSync(root, { recursive: true }));

    const doctor = "--require ts-node/register doctor/cli.ts doctor";
    const withFile = (folder: string, file: string) => {
        mkdirSync(join(root, folder), { recursive: true });
        writeFileSync(join(root, folder, file), "");
    };

    it("doctor looks at the cluster of KUBECONFIG before any other", async () => {
        withFile(".cluster/dev", "kubeconfig");
        const { stdout } = await make(["doctor", "NAME=shop/web"], { KUBECONFIG: "/mine", AS: "gas" });
        assert.equal(stdout, `/mine ${doctor} shop/web`);
    });

    it("doctor looks at the embedded cluster where one runs, else at that of ~/.kube/config", async () => {
        withFile("home/.kube", "config");
        assert.equal((await make(["doctor"])).stdout, ` ${doctor}`);
        withFile(".cluster/dev", "kubeconfig");
        assert.equal((await make(["doctor"])).stdout, `.cluster/dev/kubeconfig ${doctor}`);
    });

    it("logs hands on what is looked for, quotes and all", async () => {
        const { stdout } = await make(["logs", "NS=queue", "POD=consumer", `MATCH="done" it's`]);
        const logs = "--require ts-node/register local/cli.ts logs";
        assert.equal(stdout, ` ${logs} --namespace queue --pod consumer --match "done" it's`);
        assert.equal((await make(["logs"])).stdout, ` ${logs} --namespace `);
    });

    it("doctor says what to do where there is no cluster", async () => {
        const { stdout, stderr, exitCode } = await make(["doctor"]);
        assert.deepEqual([stdout, exitCode], ["", 2]);
        assert.match(stderr, /^No embedded cluster runs, .*: `make up`, or set KUBECONFIG\.$/m);
    });

    it("doctor hands its options on", async () => {
        const given = ["JSON=1", "WATCH=1", "CONTEXT=prod", "AS=me", "PROMETHEUS_URL=http://localhost:9090"];
        const { stdout } = await make(["doctor", ...given], { KUBECONFIG: "/mine" });
        assert.equal(
            stdout,
            `/mine ${doctor} --json --watch --context prod --as me --prometheus-url http://localhost:9090`,
        );
    });

    it("takes variables from the command alone: an environment has such names for purposes of its own", async () => {
        const used = readFileSync(join(root, "Makefile"), "utf8").matchAll(/\$\((?:call \w+,)?([A-Z_]+)/g);
        const own = ["LOCAL", "PORTS", "NODE_CHECK", "MAKEFILE_LIST"];
        const variables = [...new Set([...used].map(([, name = ""]) => name))].filter(
            (name) => !own.includes(name),
        );
        for (const name of ["AS", "NAME", "PORT", "S", "URL", "WRITE"])
            assert.ok(variables.includes(name), name);
        const environment = Object.fromEntries(variables.map((name) => [name, "3000"]));
        for (const target of targets(root)) {
            const { stdout } = await make([target], { ...environment, KUBECONFIG: "/mine" });
            assert.notEqual(stdout, "", target);
            assert.equal(stdout.includes("3000"), false, `${target}: ${stdout}`);
            assert.equal(stdout, (await make([target], { KUBECONFIG: "/mine" })).stdout, target);
        }
    });

    it("hands on what stands in the command: one word, or several, or none", async () => {
        const cli = "--require ts-node/register local/cli.ts";
        const handed = async (...args: string[]) => (await make(args)).stdout.trim();
        assert.equal(
            await handed("up", "PORT=prometheus=9191 api-server=7443"),
            `${cli} up --port prometheus=9191 --port api-server=7443`,
        );
        assert.equal(
            await handed("demo", "S=web", "SHORT=1", "MESSAGES=40", "WRITE=1"),
            `${cli} demo --scenario web --messages 40 --short --write`,
        );
        assert.equal(
            await handed("verify-charts", "CHARTS=charts", "ONLY=kind gpu-cloud"),
            `${cli} --instance charts verify-charts --charts charts --only kind gpu-cloud`,
        );
        assert.equal(
            await handed("campaign", "SECONDS=20", "URL=http://a/v1/completions?x=1&y=2"),
            `${cli} campaign --seconds 20 --url http://a/v1/completions?x=1&y=2`,
        );
    });

    it("lists every target in its group, one line each, in two columns", async () => {
        const { stdout } = await make(["help"]);
        const lines = stdout.split("\n").filter((line) => line !== "");
        const listed = lines.filter((line) => /^[a-z-]+ {2,}\S/.test(line));
        assert.deepEqual(listed.map((line) => line.split(" ")[0]).sort(), [...targets(root), "help"].sort());
        for (const line of listed) assert.match(line, /^(?=.{19} \S)[a-z-]+ +\S/, line);
        assert.deepEqual(
            lines.filter((line) => !listed.includes(line)),
            ["Every day", "Parts of it", "The kind stack, and any cluster", "Verify", "Measure"],
        );
    });

    it("refuses a linked node_modules in one line, before it installs or runs anything", async () => {
        renameSync(join(root, "node_modules"), join(root, "elsewhere"));
        symlinkSync("elsewhere", join(root, "node_modules"));
        for (const target of ["doctor", "status", "node_modules"]) {
            const { stdout, stderr, exitCode } = await make([target], { KUBECONFIG: "/mine" });
            assert.deepEqual([stdout, exitCode], ["", 2], target);
            assert.match(stderr, /^node_modules is a symbolic link, .*: remove the link first/);
        }
        assert.equal((await make(["help"])).exitCode, 0);
    });
});
