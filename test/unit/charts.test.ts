import assert from "node:assert/strict";
import { chartLocation, checkChartSource, checkChartVersion } from "../../components/charts/chart-source";
import { mergeValues } from "../../components/charts/install-chart";
import { type ChartKey, charts, type PinnedChart } from "../../components/charts/pins";
import { chartFile, unknownKeys } from "./support/chart-keys";

const rows: [ChartKey, PinnedChart][] = Object.entries(charts) as [ChartKey, PinnedChart][];

describe("the table of charts", () => {
    for (const [key, chart] of rows) {
        it(`${key} is complete and exact`, () => {
            assert.deepEqual(checkChartVersion(key, chart.version), []);
            for (const [field, value] of Object.entries(chart)) assert.notEqual(value, "", field);
            assert.match(chart.location, /^(oci|https):\/\/[a-z0-9.-]+\/?/);
            assert.doesNotMatch(chart.appVersion, /[\^~*x<>=| ]|latest/);
            assert.match(chart.kubernetes, /^(any|>=\d+\.\d+\.\d+-0)$/);
        });

        it(`${key} says what the chart of that version says`, function () {
            const upstream = chartFile(key, "Chart.yaml");
            if (upstream === undefined) {
                console.log(`      not checked: no Chart.yaml of ${key} beside this checkout`);
                this.skip();
            }
            // Some charts get their versions only when they are published.
            const placeholder = /^v?(0\.0\.[01]|1\.0\.0)(-devel)?$|^main-latest$/;
            const said = (field: string) => String(upstream[field] ?? "");
            if (!placeholder.test(said("version"))) assert.equal(chart.version, said("version"));
            if (said("appVersion") !== "" && !placeholder.test(said("appVersion"))) {
                assert.equal(chart.appVersion, said("appVersion"));
            }
            const range = said("kubeVersion").replace(/>= ?v?/, ">=");
            assert.equal(chart.kubernetes, range === "" ? "any" : range);
        });
    }

    it("has each chart once", () => {
        assert.equal(new Set(rows.map(([, { name }]) => name)).size, rows.length);
    });

    it("installs the definitions of the prometheus-operator for the operator that it installs", () => {
        assert.equal(charts.prometheusOperatorCrds.appVersion, charts.kubePrometheusStack.appVersion);
        assert.equal(charts.eckOperatorCrds.version, charts.eckOperator.version);
        assert.equal(charts.istioBase.version, charts.istiod.version);
        assert.equal(charts.istioCni.version, charts.istiod.version);
    });

    for (const given of [
        "",
        "1.2",
        "^1.2.3",
        "~1.2.3",
        ">=1.2.3",
        "1.x",
        "1.2.*",
        "latest",
        "1.2.3 || 2.0.0",
    ]) {
        it(`refuses the version "${given}"`, () => {
            const [problem] = checkChartVersion("version", given);
            assert.equal(problem?.given, given);
        });
    }
});

describe("where charts come from", () => {
    it("is an OCI reference, or a name in a repository", () => {
        assert.deepEqual(chartLocation("podinfo"), {
            chart: "oci://ghcr.io/stefanprodan/charts/podinfo",
            version: charts.podinfo.version,
        });
        assert.deepEqual(chartLocation("keda"), {
            chart: "keda",
            version: charts.keda.version,
            repositoryOpts: { repo: "https://kedacore.github.io/charts" },
        });
    });

    it("is the mirror for every chart, where there is one", () => {
        assert.deepEqual(chartLocation("keda", { mirror: "oci://registry.example/charts/" }), {
            chart: "oci://registry.example/charts/keda",
            version: charts.keda.version,
        });
        assert.deepEqual(chartLocation("podinfo", { mirror: "https://charts.example" }), {
            chart: "podinfo",
            version: charts.podinfo.version,
            repositoryOpts: { repo: "https://charts.example" },
        });
    });

    it("names every chart that a directory lacks, with the version that was wanted", () => {
        const problems = checkChartSource("source", { mirror: __dirname }, ["keda", "podinfo", "keda"]);
        assert.deepEqual(
            problems.map(({ allowed }) => allowed),
            [
                `a directory with the chart keda ${charts.keda.version}, as keda-${charts.keda.version}.tgz or keda/`,
                `a directory with the chart podinfo ${charts.podinfo.version}, as podinfo-${charts.podinfo.version}.tgz or podinfo/`,
            ],
        );
        assert.throws(
            () => chartLocation("keda", { mirror: __dirname }),
            new RegExp(`has no keda ${charts.keda.version}`),
        );
    });

    it("refuses a mirror that is neither a directory nor an address", () => {
        assert.equal(checkChartSource("source", { mirror: "/does/not/exist" }, ["keda"]).length, 1);
        assert.equal(checkChartSource("source", { mirror: "ftp://charts.example" }, ["keda"]).length, 1);
    });

    it("refuses versions that are not exact", () => {
        assert.deepEqual(
            checkChartSource("source", { versions: { keda: "^2.0.0", podinfo: "6.14.0" } }, []).map(
                ({ property }) => property,
            ),
            ["source.versions.keda"],
        );
    });
});

describe("values over values", () => {
    it("merges maps, replaces the rest, and leaves its arguments alone", () => {
        const base = { map: { kept: 1, replaced: 1 }, list: [1, 2], scalar: "a" };
        assert.deepEqual(mergeValues(base, { map: { replaced: 2, added: 3 }, list: [3], scalar: null }), {
            map: { kept: 1, replaced: 2, added: 3 },
            list: [3],
            scalar: null,
        });
        assert.deepEqual(base.list, [1, 2]);
    });
});

describe("the check of keys", () => {
    it("finds what the defaults do not have, and trusts what they leave open", () => {
        const defaults = { a: { b: 1 }, open: {}, nothing: null, list: [], scalar: 1 };
        const set = {
            a: { b: 2, c: 3 },
            open: { x: 1 },
            nothing: { y: 1 },
            list: [1],
            scalar: { z: 1 },
            d: 1,
        };
        assert.deepEqual(unknownKeys(set, defaults), ["a.c", "scalar", "d"]);
    });
});
