import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Artifact, artifact, artifacts, prometheusVersion } from "../../../local/build/artifacts";
import { Builder, secondsLeft } from "../../../local/build/builder";
import { artifactDir, cacheDir, cached, inputsHash, removeUnfinished } from "../../../local/build/cache";
import { goArguments, goEnvironment, pinnedVersion } from "../../../local/build/go";
import { imageConfig, images } from "../../../local/build/images";
import { promtoolPath } from "../../../local/build/promtool";
import { bar, duration } from "../../../local/progress";
import { devImages } from "../../../stacks/dev-images";

/** Gives each test of a suite a cache of its own. */
function withCacheHome(use: (dir: string) => void): void {
    const saved = process.env.XDG_CACHE_HOME;
    let home: string;

    beforeEach(() => {
        home = mkdtempSync(join(tmpdir(), "cache-"));
        process.env.XDG_CACHE_HOME = home;
        use(home);
    });

    afterEach(() => {
        if (saved === undefined) delete process.env.XDG_CACHE_HOME;
        else process.env.XDG_CACHE_HOME = saved;
        rmSync(home, { recursive: true });
    });
}

describe("the cache", () => {
    let home: string;
    withCacheHome((dir) => {
        home = dir;
    });

    it("makes an artifact once", async () => {
        let made = 0;
        const make = async (dir: string) => {
            made++;
            writeFileSync(join(dir, "file"), "content");
        };
        const first = await cached("thing", "abc", make);
        assert.equal(await cached("thing", "abc", make), first);
        assert.equal(made, 1);
        assert.equal(await readFile(join(first, "file"), "utf8"), "content");
    });

    it("leaves nothing of one that could not be made", async () => {
        const failing = cached("thing", "abc", async (dir) => {
            writeFileSync(join(dir, "half"), "");
            throw new Error("no");
        });
        await assert.rejects(failing, /no/);
        assert.equal(existsSync(artifactDir("thing", "abc")), false);
        assert.deepEqual(readdirSync(cacheDir()), []);
    });

    it("removes what a killed run left, and not what a running one makes", async () => {
        const running = cached("thing", "abc", async () => {
            writeFileSync(`${artifactDir("other", "abc")}.unfinished-4194305`, ""); // above the kernel's highest pid
            await removeUnfinished();
            assert.deepEqual(readdirSync(cacheDir()), [`thing-abc.unfinished-${process.pid}`]);
        });
        await running;
    });

    it("hashes texts, and files by name and content", () => {
        const file = join(home, "go.mod");
        writeFileSync(file, "one");
        const before = inputsHash(["a"], [file]);
        assert.equal(inputsHash(["a"], [file]), before);
        writeFileSync(file, "two");
        assert.notEqual(inputsHash(["a"], [file]), before);
        assert.notEqual(inputsHash(["b"], []), inputsHash(["a"], []));
        assert.notEqual(inputsHash(["ab", "c"]), inputsHash(["a", "bc"]));
    });
});

const goDir = join(__dirname, "../../../local/go");

describe("the stand-ins", () => {
    // Compiled like the programs themselves, so that where those are made this takes seconds.
    it("answer as the programs do for which they stand in", async function () {
        this.timeout(600_000);
        const flags = goArguments({ module: "stand-ins", programs: {}, packages: 0 });
        const run = await execa("go", ["test", "-vet=off", ...flags, "./..."], {
            cwd: join(goDir, "stand-ins"),
            env: goEnvironment,
            all: true,
            reject: false,
        });
        assert.equal(run.exitCode, 0, run.all);
        assert.equal(run.all.match(/^ok /gm)?.length, 2, run.all);
    });

    it("are built against the Kubernetes that runs", () => {
        // Required and replaced in the same way too: the compiler's cache knows a file by both versions.
        const goMod = (module: string) => readFileSync(join(goDir, module, "go.mod"), "utf8");
        const replaced = [...goMod("stand-ins").matchAll(/(k8s\.io\/\S+) => (\S+ v\S+)/g)];
        assert.ok(replaced.length >= 6);
        for (const [, name, by] of replaced as unknown as [string, string, string][]) {
            assert.equal(pinnedVersion("stand-ins", name), pinnedVersion(".", name), name);
            assert.ok(goMod(".").includes(`replace ${name} => ${by}\n`), name);
        }
    });
});

describe("promtool", () => {
    it("is made from the Prometheus that runs, and not before it is asked for", () => {
        const promtool = artifact("promtool");
        assert.ok(!artifacts.includes(promtool));
        assert.match(promtool.hash(), /^[0-9a-f]{16}$/);
    });

    it("tries rules on series that are made up for them", async function () {
        this.timeout(600_000);
        const dir = mkdtempSync(join(tmpdir(), "rules-"));
        const rules = (expected: number) => {
            const exp_samples = [{ labels: "b", value: expected }];
            const tests = [
                {
                    input_series: [{ series: "a", values: "2" }],
                    promql_expr_test: [{ expr: "b", eval_time: "0m", exp_samples }],
                },
            ];
            writeFileSync(
                join(dir, "rules.yaml"),
                JSON.stringify({ groups: [{ name: "g", rules: [{ record: "b", expr: "a * 2" }] }] }),
            );
            writeFileSync(join(dir, "test.yaml"), JSON.stringify({ rule_files: ["rules.yaml"], tests }));
        };
        const program = await promtoolPath();
        const run = () => execa(program, ["test", "rules", "test.yaml"], { cwd: dir, reject: false });
        rules(4);
        assert.equal((await run()).exitCode, 0);
        rules(5);
        assert.equal((await run()).exitCode, 1);
        rmSync(dir, { recursive: true });
    });
});

describe("Builder", () => {
    let home: string;
    withCacheHome((dir) => {
        home = dir;
    });

    const artifact = (
        name: string,
        lane: Artifact["lane"],
        make: Artifact["make"] = async () => {},
    ): Artifact => ({
        name,
        title: name.toUpperCase(),
        seconds: 10,
        lane,
        hash: () => "hash",
        make,
    });

    it("compiles one after the other, and unpacks beside it", async () => {
        const events: string[] = [];
        let unpacked = () => {};
        const beside = new Promise<void>((resolve) => {
            unpacked = resolve;
        });
        const compile = (name: string) =>
            artifact(name, "compile", async () => {
                events.push(`${name} begins`);
                if (name === "a") await beside; // ends only once the other lane has run
                events.push(`${name} ends`);
            });
        const unpack = artifact("u", "unpack", async () => {
            events.push("u");
            unpacked();
        });
        const builder = new Builder(join(home, "log"), [compile("a"), compile("b"), unpack]);
        builder.start();
        await builder.ready("a", "b", "u");
        assert.ok(events.indexOf("u") < events.indexOf("a ends"));
        assert.deepEqual(
            events.filter((event) => event !== "u"),
            ["a begins", "a ends", "b begins", "b ends"],
        );
        assert.deepEqual(new Builder(join(home, "log"), [compile("a")]).missing, []);
    });

    it("unpacks only once its tools are there", async () => {
        let installed = false;
        const tools = new Promise<void>((resolve) =>
            setTimeout(() => {
                installed = true;
                resolve();
            }, 20),
        );
        const builder = new Builder(join(home, "log"), [
            artifact("u", "unpack", async () => assert.ok(installed)),
        ]);
        builder.start(tools);
        await builder.ready("u");
    });

    it("tells of a failure only those who need it, with its last words, and goes on", async () => {
        const failing = artifact("bad", "compile", async (_, log) => {
            log("undefined: x");
            throw new Error("exit 1");
        });
        const builder = new Builder(join(home, "log"), [failing, artifact("good", "compile")]);
        builder.start();
        await builder.ready("good");
        await assert.rejects(
            builder.ready("good", "bad"),
            /^Error: BAD could not be made: exit 1\n.*\nundefined: x$/s,
        );
        assert.equal(builder.of("bad").state, "failed");
    });

    it("estimates only what is before the one asked for, and it", () => {
        const builder = new Builder(join(home, "log"), [
            artifact("a", "compile"),
            artifact("u", "unpack"),
            artifact("b", "compile"),
        ]);
        assert.equal(builder.secondsLeft(["a"]), 10);
        assert.equal(builder.secondsLeft(["b"]), 20);
    });
});

describe("artifacts", () => {
    it("have names of their own and hashes that hold still", () => {
        assert.equal(new Set(artifacts.map(({ name }) => name)).size, artifacts.length);
        for (const { name, hash } of artifacts) assert.equal(hash(), hash(), name);
    });

    it("build what takes long last: KEDA, and then the logs, for which no loop waits", () => {
        assert.deepEqual(
            artifacts.slice(-3).map(({ name }) => name),
            ["keda", "otel-collector", "loki"],
        );
    });

    it("stamp versions that go.mod pins", () => {
        const version = pinnedVersion(".", "k8s.io/kubernetes");
        assert.match(version, /^v1\.36\.\d+$/);
        const flags = goArguments({
            module: ".",
            programs: {},
            packages: 1,
            tags: ["one", "two"],
            stamp: (of) => ({ "x.Version": of("k8s.io/kubernetes") }),
        });
        assert.deepEqual(flags, [
            "-trimpath",
            "-gcflags=all=-dwarf=false",
            "-tags=one,two",
            `-ldflags=-s -w -X x.Version=${version}`,
        ]);
        assert.throws(() => pinnedVersion(".", "example.com/not/there"), /does not require example\.com/);
    });

    it("know Prometheus' version from its module's", () => {
        assert.equal(prometheusVersion("v0.314.0"), "3.14.0");
        assert.equal(prometheusVersion("v0.305.2"), "3.5.2");
    });
});

describe("images", () => {
    it("exist for every image that the dev stack names, and for no other but the cluster's own", () => {
        const own = ["localhost/pause:1", "localhost/coredns:local"];
        assert.deepEqual(images.map(({ name }) => name).sort(), [...Object.values(devImages), ...own].sort());
    });

    it("have the version of what is built in their tag", () => {
        const tag = (name: string) => name.split(":")[1];
        assert.equal(tag(devImages.keda), pinnedVersion(".", "github.com/kedacore/keda/v2").slice(1));
        assert.equal(tag(devImages.metricsServer), pinnedVersion(".", "sigs.k8s.io/metrics-server").slice(1));
        const prometheus = pinnedVersion("prometheus", "github.com/prometheus/prometheus");
        assert.equal(tag(devImages.prometheus), prometheusVersion(prometheus));
        const operator = pinnedVersion(
            "prometheus-operator",
            "github.com/prometheus-operator/prometheus-operator",
        );
        assert.equal(tag(devImages.prometheusOperator), operator.slice(1));
        // Go knows podinfo's versions by their commits alone: this one says of itself that it is 6.9.2.
        assert.equal(tag(devImages.loki), pinnedVersion("loki", "github.com/grafana/loki/v3").slice(1));
        const collector = pinnedVersion("otel-collector", "go.opentelemetry.io/collector/otelcol");
        assert.equal(tag(devImages.otelCollector), collector.slice(1));
        const podinfo = pinnedVersion("podinfo", "github.com/stefanprodan/podinfo");
        assert.deepEqual([tag(devImages.podinfo), podinfo.split("-").at(-1)], ["6.9.2", "e86405a8674e"]);
    });

    it("run as a number that is not root", () => {
        for (const image of images) {
            const { config } = imageConfig(image, []) as { config: { User: string } };
            assert.match(config.User, /^[1-9]\d*$/, image.name);
        }
    });
});

describe("the estimate", () => {
    it("trusts the table at first, then the pace of this machine", () => {
        const queue = [
            { seconds: 100, part: 0 },
            { seconds: 200, part: 0 },
        ];
        assert.equal(secondsLeft(queue, 5), 300);
        // Half of the first done in twice its time: everything takes twice as long.
        assert.equal(
            secondsLeft(
                [
                    { seconds: 100, part: 0.5 },
                    { seconds: 200, part: 0 },
                ],
                100,
            ),
            500,
        );
        assert.equal(secondsLeft([{ seconds: 100, part: 1 }], 80), 0);
    });

    it("is told as people tell it", () => {
        assert.deepEqual([2, 42, 200].map(duration), ["a moment", "about 40 s", "about 3 min"]);
        assert.equal(bar(0.5, 4), "██░░");
    });
});
