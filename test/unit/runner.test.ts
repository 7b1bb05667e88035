import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { printable, type Report, type RunEvent, Runner } from "../../local/runner";
import { FakeApiServer, refused } from "./runner/fake-api-server";

/**
 * Whole runs of small programs against a fake API server: order, live outputs, failures, second runs, pruning.
 * It does not prove that a real API server agrees; test/cluster does.
 */
describe("Runner", () => {
    let server: FakeApiServer;
    let events: RunEvent[] = [];

    beforeEach(async () => {
        server = await FakeApiServer.start();
        events = [];
    });
    afterEach(() => server.stop());

    const runner = (program: string, config: Record<string, string> = {}) =>
        new Runner({
            program: join(__dirname, "runner/programs", `${program}.ts`),
            project: "test",
            stack: "unit",
            config,
            kubeconfig: server.kubeconfig,
            readSeconds: 0.1,
            onEvent: (event) => events.push(event),
        });
    const ended = () => new Map(events.flatMap((e) => (e.type === "end" ? [[nameOf(e.urn), e]] : [])));
    const applied = (name: string) => server.writes.findIndex((write) => write.endsWith(`/${name}`));
    const succeed = async (run: Promise<Report>): Promise<Report> => {
        const report = await run;
        assert.deepEqual(report.failures, []);
        assert.equal(report.ok, true);
        return report;
    };

    describe("up", () => {
        it("makes everything, dependencies first, with live outputs and secrets kept secret", async () => {
            const report = await succeed(runner("app").up());
            const service = server.object("Service", "service")?.spec as { clusterIP: string };
            assert.equal(report.counts.create, 6);
            assert.deepEqual(server.object("ConfigMap", "settings")?.data, { address: service.clusterIP });
            assert.ok(applied("space") < applied("service"));
            assert.ok(applied("settings") < applied("web") && applied("secret") < applied("web"));
            assert.deepEqual(printable(report.outputs, false), {
                address: service.clusterIP,
                password: "[secret]",
                stored: "[secret]",
            });
            const shown = printable(report.outputs, true) as { password: string };
            assert.equal(shown.password.length, 24);
            assert.equal(JSON.stringify(events).includes(shown.password), false);
            assert.deepEqual(printable(await runner("app").outputs(), true), shown);
        });

        it("says at the start what it is not, and tells parents, states and seconds", async () => {
            await runner("app").up();
            const [first] = events;
            assert.ok(first?.type === "note" && /not the Pulumi engine/.test(first.text));
            const web = events.find((e) => e.type === "start" && e.label === "Deployment space/web");
            assert.ok(web?.type === "start");
            assert.equal(web.parent, "urn:pulumi:unit::test::test:index:App::app");
            assert.ok(events.some((e) => e.type === "progress" && e.urn === web.urn));
        });

        it("enters an object in the inventory before it makes it", async () => {
            let entered = false;
            server.intercept = (method, path) => {
                if (method === "PATCH" && path.endsWith("/services/service")) {
                    entered = JSON.stringify(server.object("ConfigMap", "test.unit")?.data).includes(
                        "Service::service",
                    );
                }
                return undefined;
            };
            await succeed(runner("app").up());
            assert.equal(entered, true);
        });

        it("changes nothing in a second run, and keeps the password", async () => {
            const first = await succeed(runner("app").up());
            const before = JSON.stringify([...server.objects]);
            const second = await succeed(runner("app").up());
            assert.deepEqual(
                [second.counts.unchanged, second.counts.create, second.counts.update],
                [6, 0, 0],
            );
            assert.deepEqual(second.outputs, first.outputs);
            assert.equal(JSON.stringify([...server.objects]), before);
        });

        it("deletes what the program no longer declares", async () => {
            await succeed(runner("app", { "test:extra": "true" }).up());
            assert.ok(server.object("ConfigMap", "extra"));
            const report = await succeed(runner("app").up());
            assert.equal(report.counts.delete, 1);
            assert.equal(server.object("ConfigMap", "extra"), undefined);
        });

        it("deletes nothing after a failure", async () => {
            await succeed(runner("app", { "test:extra": "true" }).up());
            server.intercept = (method, path) =>
                method === "PATCH" && path.endsWith("/settings") ? refused(422, "no") : undefined;
            assert.equal((await runner("app").up()).ok, false);
            assert.ok(server.object("ConfigMap", "extra"));
        });

        it("takes fields over from another manager, and says so", async () => {
            let conflicts = 0;
            server.intercept = (method, path) =>
                method === "PATCH" && path.endsWith("/settings") && conflicts++ === 0
                    ? refused(409, 'Apply failed with 1 conflict: conflict with "kubectl": .data.address')
                    : undefined;
            await succeed(runner("app").up());
            const end = ended().get("settings");
            assert.ok(end?.state === "done");
            assert.equal(end.note, 'fields taken over: 1 conflict: conflict with "kubectl": .data.address');
        });

        it("asks again where the API server is busy or a namespace is on its way", async () => {
            let refusals = 0;
            server.intercept = (method, path) =>
                method === "PATCH" && path.endsWith("/service") && refusals++ < 2
                    ? refused(refusals === 1 ? 503 : 404, 'namespaces "space" not found')
                    : undefined;
            await succeed(runner("app").up());
            assert.equal(refusals, 3);
        });

        it("replaces a workload whose field cannot be changed, and explains it for an object with data", async () => {
            await succeed(runner("app").up());
            const immutable = 'spec: Invalid value: {"a":"b"}: field is immutable';
            server.intercept = (method, path) =>
                method === "PATCH" && /\/(web|settings)$/.test(path) && server.objects.has(path)
                    ? refused(422, immutable)
                    : undefined;
            const report = await runner("app").up();
            assert.equal(report.counts.failed, 1);
            assert.match(
                report.failures[0] ?? "",
                /settings: spec: field is immutable\n.*Delete ConfigMap space\/settings/,
            );
            server.intercept = (method, path) =>
                method === "PATCH" && path.endsWith("/web") && server.objects.has(path)
                    ? refused(422, immutable)
                    : undefined;
            assert.equal((await succeed(runner("app").up())).counts.replace, 1);
        });

        it("waits at the gate before it applies an object", async () => {
            const gated: string[] = [];
            const { kubeconfig } = server;
            const program = join(__dirname, "runner/programs/app.ts");
            const gate = async ({ kind }: { kind: string }) => {
                gated.push(kind);
            };
            await succeed(new Runner({ program, project: "test", stack: "unit", kubeconfig, gate }).up());
            assert.deepEqual(gated.sort(), ["ConfigMap", "Deployment", "Namespace", "Secret", "Service"]);
        });
    });

    describe("failures", () => {
        const secretRefused = (method: string, path: string) =>
            method === "PATCH" && path.endsWith("/broken")
                ? refused(422, 'Secret "broken": key: "aGlkZGVu" is bad')
                : undefined;

        it("skips what depends on a failed resource, makes the rest, and reports all in the end", async () => {
            server.intercept = secretRefused;
            const report = await runner("failures").up();
            const end = ended();
            assert.equal(report.ok, false);
            assert.deepEqual(server.names("ConfigMap"), ["fine", "test.unit"]);
            assert.ok(end.get("uses")?.state === "skipped");
            assert.deepEqual(end.get("waits"), {
                ...end.get("waits"),
                state: "skipped",
                because: "ConfigMap default/uses",
            });
            assert.equal(report.counts.skipped, 2);
            assert.equal(report.counts.failed, report.failures.length);
            assert.ok(
                report.failures.includes('Secret default/broken: Secret "broken": key: "[secret]" is bad'),
            );
            assert.ok(
                report.failures.some((text) => /^Service default\/absent: .*does not exist/.test(text)),
            );
        });

        it("refuses by name what it cannot run", async () => {
            const { failures } = await runner("failures").up();
            const refusals = [
                /^RandomPet pet: .*"random:index\/randomPet:RandomPet".*Use the Pulumi CLI/,
                /^Chart chart: .*does not follow dependencyUpdate/,
                /^ConfigMap nameless: .*metadata\.name/,
                /^ConfigMap default\/ignoring: .*ignoreChanges/,
            ];
            for (const pattern of refusals) {
                assert.ok(
                    failures.some((text) => pattern.test(text)),
                    `${pattern} in\n${failures.join("\n")}`,
                );
            }
        });

        it("shows an error meant for the reader without a stack", async () => {
            const { ok, failures } = await runner("refusing").up();
            assert.equal(ok, false);
            assert.deepEqual(failures, ['queue.maxReplicas: given "many", allowed 1 to 1000']);
        });

        it("shows where an unexpected error comes from, and finishes what was under way", async () => {
            const { failures } = await runner("throwing").up();
            assert.equal(failures.length, 1);
            assert.match(failures[0] ?? "", /^TypeError: .*\n.*throwing\.ts/s);
            assert.ok(server.object("ConfigMap", "made"));
        });

        it("ends, and says why, where the program waits for ever", async () => {
            const program = join(__dirname, "runner/programs/stuck.ts");
            const { kubeconfig } = server;
            const options = JSON.stringify({ program, project: "test", stack: "unit", kubeconfig });
            const script = `const { Runner } = require("./local/runner");
                new Runner(${options}).up().then(({ failures }) => console.log(failures.join()));`;
            const register = ["-r", "ts-node/register"];
            // The SDK, too, sees the promises that are left, and ends the process with a failure.
            const run = promisify(execFile)(process.execPath, [...register, "-e", script]);
            const { stdout } = await run.catch((failure: { stdout: string }) => failure);
            assert.match(stdout, /waits for something that never comes/);
        });

        it("says so where no API server answers", async () => {
            const { kubeconfig } = server;
            const options = {
                program: "none",
                project: "test",
                stack: "unit",
                kubeconfig,
                connectSeconds: 0.1,
            };
            await server.stop();
            await assert.rejects(
                new Runner(options).up(),
                /API server at http:\/\/127.0.0.1:\d+ does not answer/,
            );
            server = await FakeApiServer.start();
        });
    });

    describe("preview", () => {
        it("writes nothing, and tells what it could not check", async () => {
            const report = await succeed(runner("app").preview());
            assert.equal(report.counts.create, 6);
            assert.equal(
                server.writes.every((write) => write.endsWith("(dry run)")),
                true,
            );
            const notes = [...ended().values()].map((e) => (e.state === "done" ? e.note : ""));
            assert.ok(notes.some((note) => note?.includes('namespaces "space" not found')));
            assert.ok(notes.includes("known only after the run: data.address"));
        });

        it("tells updates field by field, unchanged objects, and deletions", async () => {
            await succeed(runner("app", { "test:extra": "true" }).up());
            (server.object("ConfigMap", "settings") ?? assert.fail()).data = { address: "1.2.3.4" };
            events = [];
            const report = await succeed(runner("app").preview());
            assert.deepEqual(
                [report.counts.update, report.counts.unchanged, report.counts.delete],
                [1, 5, 1],
            );
            const settings = ended().get("settings");
            assert.ok(settings?.state === "done");
            assert.match(settings.diff.join(), /^~ data\.address: "1\.2\.3\.4" → "10\.0\.0\.\d+"$/);
        });

        it("masks secrets on both sides of a diff", async () => {
            await succeed(runner("app").up());
            const web = server.object("Deployment", "web") as unknown as {
                spec: { template: { spec: { containers: object[] } } };
            };
            web.spec.template.spec.containers[0] = {
                name: "web",
                image: "web:1",
                env: [{ name: "PASSWORD", value: "old" }],
            };
            events = [];
            await succeed(runner("app").preview());
            const end = ended().get("web");
            assert.ok(end?.state === "done");
            const path = "spec.template.spec.containers[web].env[PASSWORD].value";
            assert.deepEqual(end.diff, [`~ ${path}: [secret] → [secret]`]);
        });
    });

    describe("destroy", () => {
        it("deletes everything, namespaces last, and its own records after them", async () => {
            await succeed(runner("app").up());
            server.writes.length = 0;
            const report = await succeed(runner("app").destroy());
            assert.equal(report.counts.delete, 6);
            assert.deepEqual(server.names("Namespace"), ["default"]);
            const deleted = server.writes.filter((write) => write.startsWith("DELETE")).map(nameOf);
            assert.ok(deleted.indexOf("web") < deleted.indexOf("settings"));
            assert.deepEqual(deleted.slice(-4), [
                "space",
                "test.unit.outputs",
                "test.unit",
                "pulumi-kube-observability",
            ]);
            assert.deepEqual([await runner("app").outputs(), server.objects.size], [undefined, 1]);
        });

        it("keeps in the inventory what it could not delete", async () => {
            await succeed(runner("app").up());
            server.intercept = (method, path) =>
                method === "DELETE" && path.endsWith("/web") ? refused(403, "denied") : undefined;
            const report = await runner("app").destroy();
            assert.equal(report.ok, false);
            assert.ok(server.object("Namespace", "space"));
            assert.ok(server.object("ConfigMap", "settings"), "the Deployment depends on it");
            server.intercept = () => undefined;
            await succeed(runner("app").destroy());
            assert.equal(server.objects.size, 1);
        });
    });
});

/** Last part of a URN or path, without what follows it. */
function nameOf(text: string): string {
    return (text.split(" ")[text.startsWith("DELETE") ? 1 : 0] ?? "").split(/::|\//).pop() ?? "";
}
