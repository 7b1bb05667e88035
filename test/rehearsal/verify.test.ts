import assert from "node:assert/strict";
import { documentedLeftovers } from "../../local/verify/command";
import { runnerDeployer } from "../../local/verify/deployer";
import { type Subject, type Verification, verify } from "../../local/verify/verify";
import type { Installation } from "./programs/installation";
import { chartFolder, charts, helmProgram, kubeconfig, sweep } from "./support";

/** Runs the verification; what it says is for its own command. */
function verified(subject: Omit<Subject, "name">): Promise<Verification> {
    const deployer = runnerDeployer(helmProgram);
    return verify({ name: "subject", ...subject }, { deployer, kubeconfig, sweep, say: () => {} });
}

/** The steps that were tried, each with what was found wrong. */
function found({ checks }: Verification): [string, string][] {
    return checks.map(({ step, failure = "" }) => [step, failure]);
}

const installation = (
    chart: string,
    through: Installation["through"],
    more: Partial<Installation> = {},
): Installation => ({
    through,
    chart: chartFolder(chart),
    release: chart.replace(/-\d.*/, ""),
    namespace: "verified",
    ...more,
});

/** A subject of one chart, in a namespace that stays. */
const single = (...args: Parameters<typeof installation>) =>
    charts("verified", { charts: [installation(...args)] });

describe("the verification of charts", () => {
    it("passes charts that do as they should, through every step, with what stays by design", async () => {
        const whole = (version: string) => {
            const namespace = "subject";
            return charts("subject", {
                namespaces: [namespace],
                charts: [
                    installation(`web-${version}`, "Chart", { namespace }),
                    installation(`web-${version}`, "Release", { namespace, release: "other" }),
                    installation("widgets-1.0.0", "Release", { namespace }),
                ],
            });
        };
        const result = await verified({
            deployment: whole("1.1.0"),
            previous: whole("1.0.0"),
            leaves: documentedLeftovers,
        });
        assert.deepEqual(found(result), [
            ["install", ""],
            ["no change", ""],
            ["destroy", ""],
            ["upgrade", ""],
            ["destroy", ""],
        ]);
        // The namespace, seven objects of the Chart, two Releases.
        assert.equal(result.objects, 10);
        assert.deepEqual(
            result.left.filter((identity) => !identity.startsWith("/PersistentVolume/")),
            ["gadgets", "widgets"].map(
                (kind) => `apiextensions.k8s.io/CustomResourceDefinition//${kind}.rehearsal.example`,
            ),
        );
    });

    it("fails a chart that cannot be installed, and tries nothing after that", async () => {
        const deployment = single("web-1.0.0", "Chart", { values: { mesage: "hello" } });
        const result = await verified({ deployment, previous: deployment, leaves: documentedLeftovers });
        const [[step, failure] = []] = found(result);
        assert.deepEqual(
            result.checks.map((check) => check.step),
            ["install", "destroy"],
        );
        assert.equal(step, "install");
        assert.match(failure ?? "", /Chart verified\/web: .*'mesage' not allowed/s);
    });

    it("fails a chart that renders something else every time", async () => {
        const result = await verified({
            deployment: single("restless-1.0.0", "Chart"),
            leaves: documentedLeftovers,
        });
        const [install, again, destroy] = found(result);
        assert.deepEqual(install, ["install", ""]);
        assert.equal(again?.[0], "no change");
        assert.match(again?.[1] ?? "", /^changed again: update Secret restless/);
        assert.deepEqual(destroy, ["destroy", ""]);
    });

    it("fails a chart that leaves an object behind, and removes that", async () => {
        const subject = { deployment: single("careless-1.0.0", "Release"), leaves: documentedLeftovers };
        const [install, again, destroy] = found(await verified(subject));
        assert.deepEqual(
            [install, again],
            [
                ["install", ""],
                ["no change", ""],
            ],
        );
        const left = "rbac.authorization.k8s.io/ClusterRole//careless-left-behind";
        assert.deepEqual(destroy, ["destroy", `left: ${left}`]);
        // The next subject starts from the same cluster: with the object still there, it would not be seen as left.
        assert.deepEqual(found(await verified(subject))[2], destroy);
    });

    it("fails an upgrade that makes a store anew", async () => {
        const web = (storage: string) => single("web-1.0.0", "Chart", { values: { storage } });
        const result = await verified({
            deployment: web("2Gi"),
            previous: web("1Gi"),
            // The namespace stays, and with it the claims.
            leaves: /^\/PersistentVolume/,
        });
        assert.deepEqual(found(result)[3], ["upgrade", "replaced: apps/StatefulSet/verified/web-store"]);
    });
});
