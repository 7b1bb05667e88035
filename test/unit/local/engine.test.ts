import assert from "node:assert/strict";
import {
    appendFileSync,
    chmodSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devStack, engine, engineEnvironment, engineOutputs } from "../../../local/engine";
import { type Instance, instance } from "../../../local/instance";
import { locked } from "../../../local/lock";

// Stands in for the CLI, which these tests cannot have: records how it is called, and like the CLI
// refuses flags that a command does not have.
const standIn = `#!/bin/sh
case "$1 $2" in
    "stack select") allowed="--create" ;;
    "stack output") allowed="--json --stack --show-secrets" ;;
    "up --stack" | "destroy --stack") allowed="--stack --yes --skip-preview" ;;
    "preview --stack") allowed="--stack --expect-no-changes" ;;
    "cancel --yes") allowed="--yes --stack" ;;
    *) echo "unknown command $1 $2" >&2; exit 1 ;;
esac
for flag in "$@"; do
    case "$flag" in --*) case " $allowed " in *" $flag "*) ;; *) echo "unknown flag: $flag" >&2; exit 1 ;; esac ;; esac
done
echo "$* in $PWD" >>"$CALLS"
[ "$2" != output ] || echo '{"a":"b"}'
`;

describe("with the Pulumi CLI", () => {
    const path = process.env.PATH;
    let root: string;
    let cluster: Instance;
    const calls = () => readFileSync(join(root, "calls"), "utf8").trim().split("\n");

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "engine-"));
        cluster = instance("dev", root);
        mkdirSync(join(root, "bin"));
        writeFileSync(join(root, "bin/pulumi"), standIn);
        chmodSync(join(root, "bin/pulumi"), 0o755);
        process.env.PATH = `${join(root, "bin")}:${path}`;
        process.env.CALLS = join(root, "calls");
    });

    afterEach(() => {
        process.env.PATH = path;
        delete process.env.CALLS;
        rmSync(root, { recursive: true });
    });

    it("selects the stack, then runs the command on it without questions", async () => {
        await engine(devStack(cluster), "up");
        const project = join(cluster.dir, "pulumi/project");
        assert.deepEqual(calls(), [
            `stack select --create dev in ${project}`,
            `cancel --yes --stack dev in ${project}`,
            `up --stack dev --yes --skip-preview in ${project}`,
        ]);
        assert.ok(statSync(join(project, "index.ts")).isFile());
        assert.ok(statSync(join(project, "components/index.ts")).isFile());
    });

    it("keeps the salt that the CLI has written, and takes the checkout's values anew", async () => {
        await engine(devStack(cluster), "preview");
        const file = join(cluster.dir, "pulumi/project/Pulumi.dev.yaml");
        writeFileSync(file, "encryptionsalt: v1:abc=\nconfig:\n  old: value\n");
        await engine(devStack(cluster), "preview");
        const text = readFileSync(file, "utf8");
        assert.match(text, /^encryptionsalt: v1:abc=$/m);
        assert.doesNotMatch(text, /old: value/);
    });

    it("keeps the passphrase in a file for its owner alone, the same in every run", async () => {
        const file = (await engineEnvironment(devStack(cluster), {})).PULUMI_CONFIG_PASSPHRASE_FILE as string;
        const passphrase = readFileSync(file, "utf8");
        assert.ok(passphrase.length >= 24);
        assert.equal(statSync(file).mode & 0o077, 0);
        await engineEnvironment(devStack(cluster), {});
        assert.equal(readFileSync(file, "utf8"), passphrase);
    });

    it("lets the user's own backend and passphrase win", async () => {
        const env = await engineEnvironment(devStack(cluster), {
            PULUMI_BACKEND_URL: "file:///mine",
            PULUMI_CONFIG_PASSPHRASE: "",
        });
        assert.equal(env.PULUMI_BACKEND_URL, "file:///mine");
        assert.equal(env.PULUMI_CONFIG_PASSPHRASE_FILE, undefined);
    });

    it("reads outputs as JSON, secrets only when asked", async () => {
        assert.deepEqual(await engineOutputs(devStack(cluster), false), { a: "b" });
        await engineOutputs(devStack(cluster), true);
        assert.deepEqual(
            calls().map((call) => call.includes("--show-secrets")),
            [false, true],
        );
    });

    it("passes the CLI's failure on", async () => {
        appendFileSync(join(root, "bin/pulumi"), "exit 3\n");
        await assert.rejects(engine(devStack(cluster), "up"), /exit code 3/);
    });
});

describe("the lock", () => {
    let root: string;
    let cluster: Instance;

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "lock-"));
        cluster = instance("dev", root);
        mkdirSync(join(root, ".cluster"));
    });

    afterEach(() => rmSync(root, { recursive: true }));

    it("counts for nothing once its process has ended, and is gone afterwards", async () => {
        writeFileSync(`${cluster.dir}.lock`, "4194305"); // above the kernel's highest pid
        assert.equal(await locked(cluster, async () => "done"), "done");
        assert.throws(() => statSync(`${cluster.dir}.lock`), /ENOENT/);
    });

    it("is gone after a failure too", async () => {
        await assert.rejects(
            locked(cluster, async () => {
                throw new Error("no");
            }),
            /no/,
        );
        assert.equal(await locked(cluster, async () => "done"), "done");
    });

    it("names the process that has it", async () => {
        const { execa } = await import("execa");
        // A process whose command line is that of a command of ours.
        const other = execa("node", ["-e", "setTimeout(() => {}, 20000)", "local/cli.ts"]);
        writeFileSync(`${cluster.dir}.lock`, String(other.pid));
        await assert.rejects(
            locked(cluster, async () => "done"),
            new RegExp(`process ${other.pid}\\.`),
        );
        other.kill();
        await other.catch(() => undefined);
    });
});
