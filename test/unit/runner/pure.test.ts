import assert from "node:assert/strict";
import { ApiError, isTransient } from "../../../local/runner/api-error";
import { troubles } from "../../../local/runner/diagnose";
import { changes, diffLines } from "../../../local/runner/diff";
import { type Entry, entryKey, identity } from "../../../local/runner/inventory";
import { parseDuration } from "../../../local/runner/monitor";
import { declaredObject, kindOf, refusal } from "../../../local/runner/objects";
import { passwordKey, randomPassword } from "../../../local/runner/password";
import { removalPhases } from "../../../local/runner/removal";
import { printable, readInputs, redact, sealOutputs, secret, unknown } from "../../../local/runner/wire";

const configMap = (fields: object) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x" },
    ...fields,
});

describe("diff", () => {
    const lines = (before: object, after: object, secrets: string[] = []) =>
        diffLines(changes(configMap(before), configMap(after)), secrets);

    it("names each field that is new, other or gone", () => {
        const before = { data: { a: "1", b: "2" } };
        const after = { data: { b: "3", c: "4" } };
        assert.deepEqual(lines(before, after), ['- data.a: "1"', '~ data.b: "2" → "3"', '+ data.c: "4"']);
    });

    it("matches list items by name, else by position", () => {
        const named = (image: string) => ({ spec: { containers: [{ name: "web", image }] } });
        assert.deepEqual(lines(named("a"), named("b")), ['~ spec.containers[web].image: "a" → "b"']);
        assert.deepEqual(lines({ args: ["a", "b"] }, { args: ["a"] }), ['- args[1]: "b"']);
    });

    it("leaves out what the server writes by itself", () => {
        const of = (n: string) => ({
            metadata: { name: "x", resourceVersion: n, uid: n, managedFields: [n] },
            status: { n },
        });
        assert.deepEqual(lines(of("1"), of("2")), []);
    });

    it("masks secret paths in every list item, above and below", () => {
        const env = (value: string) => ({ env: [{ name: "A", value }] });
        assert.deepEqual(lines(env("old"), env("new"), ["env[3].value"]), [
            "~ env[A].value: [secret] → [secret]",
        ]);
        assert.deepEqual(lines({}, env("new"), ["env[3].value"]), ["+ env: [secret]"]);
        assert.deepEqual(lines({ data: { k: "v" } }, {}, ["data"]), ["- data: [secret]"]);
        assert.deepEqual(lines({ data2: "v" }, {}, ["data"]), ['- data2: "v"']);
    });
});

describe("wire", () => {
    const inputs = readInputs({
        kind: "ConfigMap",
        data: { plain: "a", hidden: secret("topsecret"), later: unknown },
        list: [secret(["deep"])],
    });

    it("reads values, and where secrets and unknowns are", () => {
        assert.deepEqual(inputs.value, {
            kind: "ConfigMap",
            data: { plain: "a", hidden: "topsecret", later: unknown },
            list: [["deep"]],
        });
        assert.deepEqual(inputs.secretPaths, ["data.hidden", "list[0]"]);
        assert.deepEqual(inputs.unknownPaths, ["data.later"]);
    });

    it("keeps properties with secrets secret, and the data of every Secret", () => {
        const sealed = sealOutputs({ kind: "ConfigMap", data: { hidden: "x" } }, inputs);
        assert.deepEqual(sealed, { kind: "ConfigMap", data: secret({ hidden: "x" }) });
        const ofSecret = readInputs({ kind: "Secret", stringData: { a: "b" } });
        assert.deepEqual(sealOutputs({ data: { a: "Yg==" } }, ofSecret), { data: secret({ a: "Yg==" }) });
    });

    it("takes secrets out of messages, plain or in base64", () => {
        assert.equal(redact("bad: topsecret", inputs.secrets), "bad: [secret]");
        const encoded = Buffer.from("topsecret").toString("base64");
        assert.equal(redact(`bad: ${encoded}`, inputs.secrets), "bad: [secret]");
    });

    it("prints outputs with secrets masked unless asked for", () => {
        const outputs = { a: secret({ b: "c" }), d: [1, unknown, null] };
        assert.deepEqual(printable(outputs, false), { a: "[secret]", d: [1, "[unknown]", null] });
        assert.deepEqual(printable(outputs, true), { a: { b: "c" }, d: [1, "[unknown]", null] });
    });
});

describe("randomPassword", () => {
    it("has the length and at least what is asked of each kind", () => {
        for (let round = 0; round < 50; round++) {
            const made = randomPassword({
                length: 12,
                minLower: 2,
                minUpper: 3,
                minNumeric: 3,
                minSpecial: 2,
                overrideSpecial: "_",
            });
            assert.equal(made.length, 12);
            const counts = [/[a-z]/g, /[A-Z]/g, /[0-9]/g, /_/g].map((kind) => made.match(kind)?.length ?? 0);
            assert.ok(
                counts.every((count, kind) => count >= ([2, 3, 3, 2][kind] ?? 0)),
                made,
            );
        }
    });

    it("uses only the kinds that are on", () => {
        const made = randomPassword({ length: 200, special: false, upper: false, numeric: false });
        assert.match(made, /^[a-z]{200}$/);
    });

    it("is another one each time, in no fixed order", () => {
        const made = Array.from({ length: 20 }, () =>
            randomPassword({ length: 10, minNumeric: 1, numeric: true }),
        );
        assert.equal(new Set(made).size, 20);
        assert.ok(new Set(made.map((text) => text.search(/\d/))).size > 1);
    });

    it("refuses what cannot be made", () => {
        assert.throws(() => randomPassword({ length: 3, minLower: 4 }), /cannot be made/);
        const none = { lower: false, upper: false, numeric: false, special: false };
        assert.throws(() => randomPassword({ length: 3, ...none }), /cannot be made/);
    });

    it("has the same key for the same arguments in any order, and another for other keepers", () => {
        assert.equal(
            passwordKey({ length: 1, keepers: { a: "1", b: "2" } }),
            passwordKey({ keepers: { b: "2", a: "1" }, length: 1 }),
        );
        assert.notEqual(passwordKey({ keepers: { a: "1" } }), passwordKey({ keepers: { a: "2" } }));
    });
});

describe("inventory", () => {
    const entry = (apiVersion: string, kind: string, name = "x"): Entry => ({
        urn: name,
        apiVersion,
        kind,
        name,
        dependsOn: [],
    });

    it("knows an object whichever version it is written in, and tells groups apart", () => {
        const v1 = entry("autoscaling/v1", "HorizontalPodAutoscaler");
        assert.equal(identity(v1), identity({ ...v1, apiVersion: "autoscaling/v2" }));
        assert.notEqual(identity(v1), identity({ ...v1, apiVersion: "other/v2" }));
    });

    it("makes keys that a ConfigMap takes, unique for each object", () => {
        const [one, other] = [
            entry("v1", "ClusterRole", "system:a"),
            entry("v1", "ClusterRole", "system_a"),
        ].map(entryKey);
        assert.match(one ?? "", /^[-._a-zA-Z0-9]+$/);
        assert.notEqual(one, other);
        assert.ok(entryKey(entry("v1", "ConfigMap", "a".repeat(253))).length <= 253);
    });

    it("deletes custom resources first, then APIs and webhooks, workloads, namespaces, definitions", () => {
        const entries = [
            entry("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            entry("v1", "Namespace"),
            entry("apps/v1", "Deployment"),
            entry("rbac.authorization.k8s.io/v1", "ClusterRole"),
            entry("apiregistration.k8s.io/v1", "APIService"),
            entry("keda.sh/v1alpha1", "ScaledObject"),
        ];
        const kinds = removalPhases(entries).map((phase) => phase.map(({ kind }) => kind));
        assert.deepEqual(kinds, [
            ["ScaledObject"],
            ["APIService"],
            ["Deployment", "ClusterRole"],
            ["Namespace"],
            ["CustomResourceDefinition"],
        ]);
    });
});

describe("objects", () => {
    it("encode a Secret's stringData over its data", () => {
        const declared = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } };
        const object = declaredObject({ ...declared, data: { a: "eA==" }, stringData: { b: "y" } });
        assert.deepEqual(object, { ...declared, data: { a: "eA==", b: "eQ==" } });
    });

    it("are refused without a name", () => {
        assert.throws(
            () => declaredObject({ apiVersion: "v1", kind: "Pod", metadata: { generateName: "x-" } }),
            /metadata\.name/,
        );
    });

    it("have the kind of their type token", () => {
        assert.deepEqual(kindOf("kubernetes:core/v1:Service"), { apiVersion: "v1", kind: "Service" });
        assert.deepEqual(kindOf("kubernetes:keda.sh/v1alpha1:ScaledObject"), {
            apiVersion: "keda.sh/v1alpha1",
            kind: "ScaledObject",
        });
    });

    const types: [type: string, custom: boolean, remote: boolean, known: boolean][] = [
        ["kubernetes:apps/v1:Deployment", true, false, true],
        ["kubernetes:keda.sh/v1alpha1:ScaledObject", true, false, true],
        ["random:index/randomPassword:RandomPassword", true, false, true],
        ["pulumi:providers:kubernetes", true, false, true],
        ["pulumi:pulumi:Stack", false, false, true],
        ["any:index:Component", false, false, true],
        ["any:index:Component", false, true, false],
        ["kubernetes:core/v1:PodList", true, false, false],
        ["kubernetes:core/v1:ConfigMapPatch", true, false, false],
        ["kubernetes:yaml:ConfigFile", false, false, false],
        ["kubernetes:yaml/v2:ConfigGroup", false, true, false],
        ["kubernetes:helm.sh/v3:Release", true, false, true],
        ["kubernetes:helm.sh/v4:Chart", false, true, true],
        ["kubernetes:helm.sh/v3:Chart", false, false, false],
        ["kubernetes:kustomize/v2:Directory", false, true, false],
        ["pulumi:pulumi:StackReference", true, false, false],
        ["aws:s3/bucket:Bucket", true, false, false],
    ];
    for (const [type, custom, remote, known] of types) {
        it(`of type ${type}${remote ? ", remote," : ""} are ${known ? "known" : "refused"}`, () => {
            const text = refusal(type, custom, remote);
            assert.equal(text === undefined, known);
            assert.ok(known || text?.includes(`"${type}"`));
        });
    }
});

describe("troubles", () => {
    const pod = (status: object) => ({ metadata: { name: "p", namespace: "n" }, status });

    it("tell why a container waits and how it last ended", () => {
        const waiting = { reason: "CrashLoopBackOff", message: "back-off" };
        const crashing = {
            name: "c",
            state: { waiting },
            lastState: { terminated: { exitCode: 1, reason: "Error" } },
        };
        assert.deepEqual(troubles(pod({ containerStatuses: [crashing] })), [
            {
                container: "c",
                text: "CrashLoopBackOff: back-off; ended with exit code 1 (Error)",
                log: "previous",
            },
        ]);
    });

    it("are none for what is ready, and tell a pod that no node takes", () => {
        assert.deepEqual(troubles(pod({ containerStatuses: [{ name: "c", ready: true }] })), []);
        const conditions = [{ type: "PodScheduled", status: "False", message: "no nodes" }];
        assert.deepEqual(troubles(pod({ conditions })), [{ container: "", text: "not scheduled: no nodes" }]);
    });
});

describe("isTransient", () => {
    const cases: [error: Error, expectOthers: boolean, transient: boolean][] = [
        [new Error("connect ECONNREFUSED 127.0.0.1:6443"), false, true],
        [new Error("certificate has expired"), false, false],
        [new ApiError(429, "too many requests"), false, true],
        [new ApiError(503, "unavailable"), false, true],
        [new ApiError(500, 'failed calling webhook "x": no endpoints'), false, true],
        [new ApiError(500, "illegal base64 data"), false, false],
        [new ApiError(404, 'namespaces "x" not found'), false, false],
        [new ApiError(404, 'namespaces "x" not found'), true, true],
        [new ApiError(404, "the server could not find the requested resource"), true, true],
        [new ApiError(404, 'pods "x" not found'), true, false],
        [new ApiError(422, "invalid"), true, false],
    ];
    for (const [error, expectOthers, transient] of cases) {
        it(`says ${transient} for "${error.message}"${expectOthers ? " where others may bring it" : ""}`, () =>
            assert.equal(isTransient(error, expectOthers), transient));
    }
});

describe("parseDuration", () => {
    for (const [text, seconds] of [
        ["10m", 600],
        ["1h30m", 5400],
        ["45s", 45],
        ["500ms", 0.5],
        ["", 0],
    ] as const) {
        it(`reads "${text}"`, () => assert.equal(parseDuration(text), seconds));
    }
});
