import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { charts } from "../../../components/charts/pins";
import { compare, previousVersions } from "../../../local/verify/charts-directory";
import { documentedLeftovers, stackSubjects, subjectNames } from "../../../local/verify/command";
import type { Deployment } from "../../../local/verify/deployer";
import { engineStack } from "../../../local/verify/deployer";
import { added, replaced } from "../../../local/verify/snapshot";
import { componentSubjects } from "../../../local/verify/subjects";
import { compatibilityTable } from "../../../local/verify/table";

describe("a directory of charts", () => {
    let directory: string;
    const archive = (name: string, version: string) =>
        writeFileSync(join(directory, `${name}-${version}.tgz`), "");

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "charts-"));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    it("orders versions by their numbers, a pre-release before its release", () => {
        const sorted = ["1.10.0", "v1.2.0", "1.2.0-rc.1", "0.9.9", "2.0.0"].sort(compare);
        assert.deepEqual(sorted, ["0.9.9", "1.2.0-rc.1", "v1.2.0", "1.10.0", "2.0.0"]);
    });

    it("has, as the previous version, the newest below the table's", () => {
        for (const version of ["2.19.0", "2.20.1", charts.keda.version, "99.0.0"]) archive("keda", version);
        assert.deepEqual(previousVersions(directory, ["keda"]), { keda: "2.20.1" });
    });

    it("does not take another chart whose name begins the same", () => {
        archive("eck-operator-crds", "3.4.1");
        assert.deepEqual(previousVersions(directory, ["eckOperator"]), {});
        assert.deepEqual(previousVersions(directory, ["eckOperatorCrds"]), { eckOperatorCrds: "3.4.1" });
    });

    it("has none where only the table's version is there", () => {
        archive("podinfo", charts.podinfo.version);
        assert.deepEqual(previousVersions(directory, ["podinfo"]), {});
    });
});

describe("the subjects of verify-charts", () => {
    it("cover every chart of the table", () => {
        const covered = new Set([
            ...Object.values(componentSubjects).flatMap((subject) => subject.charts),
            ...Object.values(stackSubjects).flat(),
        ]);
        assert.deepEqual([...covered].sort(), Object.keys(charts).sort());
    });

    it("are the components and the two stacks, each once", () => {
        assert.equal(new Set(subjectNames()).size, subjectNames().length);
        assert.deepEqual(Object.keys(stackSubjects), ["kind", "gpu-cloud"]);
    });

    it("may leave definitions and volumes, and nothing else", () => {
        for (const [identity, may] of [
            ["apiextensions.k8s.io/CustomResourceDefinition//scaledobjects.keda.sh", true],
            ["/PersistentVolume//pvc-1", true],
            ["/PersistentVolumeClaim/logging/data-0", false],
            ["/Secret/keda/kedaorg-certs", false],
            ["/Namespace//keda", false],
        ] as const) {
            assert.equal(documentedLeftovers.test(identity), may, identity);
        }
    });
});

describe("snapshots", () => {
    const before = new Map([
        ["/ConfigMap/a/stays", "1"],
        ["/ConfigMap/a/goes", "2"],
        ["apps/StatefulSet/a/anew", "3"],
    ]);
    const after = new Map([
        ["/ConfigMap/a/stays", "1"],
        ["apps/StatefulSet/a/anew", "4"],
        ["/Secret/a/new", "5"],
    ]);

    it("tell what is new and what is another object now", () => {
        assert.deepEqual(added(before, after), ["/Secret/a/new"]);
        assert.deepEqual(replaced(before, after), ["apps/StatefulSet/a/anew"]);
    });
});

describe("the compatibility table", () => {
    const circumstances = { kubernetes: "v1.36.3", engine: "the runner", date: "2026-01-02" };

    it("has seconds where a step held, the reason where it did not, and a dash where it was not tried", () => {
        const results = [
            {
                name: "keda",
                objects: 11,
                left: [],
                checks: [
                    { step: "install", seconds: 2.25 },
                    { step: "no change", seconds: 0.4, failure: "changed again: a | b\nand c" },
                    { step: "destroy", seconds: 3 },
                ],
            },
        ] as const;
        const table = compatibilityTable(results, () => [charts.keda], circumstances);
        assert.match(
            table,
            /^\| keda \| keda 2\.20\.2 \| 11 \| 2\.3 \| \*\*failed\*\*: changed again: a \\\| b; and c \| - \| 3\.0 \|$/m,
        );
        assert.match(table, /Kubernetes v1\.36\.3, 2026-01-02, with the runner\.$/);
    });
});

describe("with the Pulumi CLI", () => {
    it("a subject is a stack with settings and a state of its own", () => {
        const deployment: Deployment = {
            stack: "keda",
            main: "local/verify/program.ts",
            config: { "pulumi-kube-observability:subject": "keda" },
            kubeconfig: "/k",
            home: "/h",
        };
        assert.deepEqual(engineStack(deployment), {
            name: "keda",
            home: "/h",
            kubeconfig: "/k",
            main: "local/verify/program.ts",
            settings: "config:\n  pulumi-kube-observability:subject: keda\n",
        });
    });
});
