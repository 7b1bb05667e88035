import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
    checkBytes,
    checkDuration,
    checkName,
    checkNodePort,
    checkWhole,
    reject,
    renderProblem,
} from "../../components/problems";

describe("problems", () => {
    it("says what was given, what is allowed and what to do", () => {
        const text = renderProblem({ property: "size", given: "big", allowed: "1 to 3", fix: "choose one" });
        assert.equal(text, 'size: was given "big"; allowed: 1 to 3; do: choose one');
    });

    it("says so when nothing was given", () => {
        const text = renderProblem({
            property: "size",
            given: undefined,
            allowed: "1 to 3",
            fix: "choose one",
        });
        assert.equal(text, "size: was given nothing; allowed: 1 to 3; do: choose one");
    });

    it("throws one error with all problems and without a stack", () => {
        const resource = {} as pulumi.Resource;
        assert.throws(
            () => reject(resource, [...checkWhole("a", 0, 1, 2), ...checkName("b", "B")]),
            (error: unknown) => {
                assert.ok(pulumi.ResourceError.isInstance(error));
                assert.equal(error.hideStack, true);
                assert.equal(error.resource, resource);
                assert.deepEqual(
                    error.message.split("\n").map((line) => line.split(":")[0]),
                    ["a", "b"],
                );
                return true;
            },
        );
    });

    it("throws nothing without problems", () => {
        reject({} as pulumi.Resource, []);
    });

    const cases: [string, (value: never) => unknown[], accepted: unknown[], refused: unknown[]][] = [
        [
            "checkDuration",
            (v) => checkDuration("p", v),
            [undefined, "500ms", "15s", "7d"],
            ["", "15", "0s", "1.5s", "15 s", "1m30s"],
        ],
        [
            "checkBytes",
            (v) => checkBytes("p", v),
            [undefined, "500Mi", "20Gi", "1.5Ti", "10G", "0.5Gi", "1048576"],
            ["", "Gi", "0Gi", "0", "-1Gi", "20GB", "20gi", "20 Gi", "1.Gi", ".5Gi", "100m", "big", "20Gi\n"],
        ],
        ["checkWhole", (v) => checkWhole("p", v, 1, 3), [undefined, 1, 3], [0, 4, 1.5, Number.NaN]],
        ["checkNodePort", (v) => checkNodePort("p", v), [undefined, 30000, 32767], [29999, 32768, 80]],
        [
            "checkName",
            (v) => checkName("p", v),
            [undefined, "a", "a-1", "a".repeat(63)],
            ["", "A", "-a", "a-", "a.b", "a".repeat(64)],
        ],
    ];
    for (const [name, check, accepted, refused] of cases) {
        for (const value of accepted) {
            it(`${name} accepts ${JSON.stringify(value)}`, () =>
                assert.equal(check(value as never).length, 0));
        }
        for (const value of refused) {
            it(`${name} refuses ${JSON.stringify(value)}`, () =>
                assert.equal(check(value as never).length, 1));
        }
    }
});
