import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { runbookLinks } from "../../components";
import { alertOf } from "../../components/monitoring/alert";
import { deadMansSwitchFiles } from "../../components/monitoring/dead-mans-switch/pod";
import { type Alert, prometheusRule } from "../../components/monitoring/monitors";
import { FakeCluster } from "./support/fake-cluster";
import { type Recording, record } from "./support/mocks";

const root = join(__dirname, "..", "..");
const url = "https://git.example.com/platform/blob/main";
const targets = ["dev", "kind", "gpu-cloud"] as const;

/** What of each stack is not there unless one asks for it. */
const everything = {
    dev: {},
    kind: { context: "mine", hash: true, llm: { enabled: true } },
    "gpu-cloud": { context: "mine", domain: "example.com", hash: true, llm: { enabled: true } },
};

/** The anchors of a page's headings, as GitHub makes them; undefined where there is no page. */
function anchorsOf(page: string): string[] | undefined {
    const path = join(root, page);
    if (!existsSync(path)) return undefined;
    return [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
            .toLowerCase()
            .replaceAll(/[^\w -]/g, "")
            .replaceAll(" ", "-"),
    );
}

function alertsOf({ resources }: Recording): Alert[] {
    return resources
        .filter(({ kind }) => kind === "PrometheusRule")
        .flatMap(({ inputs }) => inputs.spec.groups as { rules: Alert[] }[])
        .flatMap(({ rules }) => rules)
        .filter(({ alert }) => alert !== undefined);
}

/** The links of the dashboards to runbooks. */
function boardLinksOf({ resources }: Recording): string[] {
    return resources
        .filter(({ inputs }) => inputs.metadata?.labels?.grafana_dashboard === "1")
        .flatMap(({ inputs }) => Object.values(inputs.data as Record<string, string>))
        .flatMap((json) => JSON.parse(json).links as { title: string; url: string }[])
        .filter(({ title }) => title === "Runbook")
        .map((link) => link.url);
}

/** What the dead man's switch is told. */
function switchUrl({ resources }: Recording): string | undefined {
    const made = resources.find(
        ({ kind, inputs }) => kind === "Deployment" && inputs.metadata.name === "dead-mans-switch",
    );
    const env: { name: string; value: string }[] = made?.inputs.spec.template.spec.containers[0].env;
    return env.find(({ name }) => name === "RUNBOOKS_URL")?.value;
}

describe("links to runbooks", function () {
    // The client that asks the cluster takes a second to load.
    this.timeout(30_000);
    let cluster: FakeCluster;
    before(async () => {
        cluster = await FakeCluster.start("mine");
    });
    after(async () => {
        await cluster.stop();
        // The SDK keeps the stack of the last program as the parent of what other tests make: one that completes no links.
        await record(() => pulumi.runtime.runInPulumiStack(async () => ({})));
    });

    /** The whole program, as an engine runs it. */
    function program(target: (typeof targets)[number], runbooksUrl?: string): Promise<Recording> {
        const values = { target, kubeconfig: cluster.kubeconfig, ...everything[target], runbooksUrl };
        const entries = Object.entries(values)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [
                `pulumi-kube-observability:${key}`,
                typeof value === "string" ? value : JSON.stringify(value),
            ]);
        return record(() => {
            pulumi.runtime.setAllConfig(Object.fromEntries(entries));
            return pulumi.runtime.runInPulumiStack(() => require("../../index")());
        });
    }

    for (const target of targets) {
        it(`are addresses of pages and headings that there are, for every alert: ${target}`, async () => {
            const recording = await program(target, url);
            const alerts = alertsOf(recording);
            assert.ok(alerts.length > 25, `${alerts.length}`);
            for (const { alert, annotations } of alerts) {
                const link = new URL(annotations.runbook_url ?? "");
                assert.equal(`${link.origin}`, "https://git.example.com", alert);
                const page = link.pathname.replace("/platform/blob/main/", "");
                assert.ok(anchorsOf(page)?.includes(link.hash.slice(1)), `${alert}: ${link}`);
            }
            assert.equal(switchUrl(recording), url);
            const boards = boardLinksOf(recording);
            assert.ok(target === "dev" ? boards.length === 0 : boards.length > 5, `${boards.length}`);
            for (const link of boards) {
                assert.ok(link.startsWith(`${url}/docs/`), link);
                assert.ok(anchorsOf(link.slice(url.length + 1)), link);
            }
        });

        it(`are paths from the top of the repository where nobody says where that is read: ${target}`, async () => {
            const recording = await program(target);
            const alerts = alertsOf(recording);
            assert.ok(alerts.length > 25, `${alerts.length}`);
            for (const { alert, annotations } of alerts)
                assert.match(annotations.runbook_url ?? "", /^docs\/runbooks\/\w+\.md#\w+$/, alert);
            assert.equal(switchUrl(recording), undefined);
            assert.deepEqual(boardLinksOf(recording), []);
        });
    }

    it("are completed in one component alone, too, and those of others stay as they are", async () => {
        const text = { expr: "up == 0", severity: "warning", summary: "S", description: "D" } as const;
        const foreign: Alert = {
            ...alertOf("gpu", "Theirs", text),
            annotations: { summary: "", description: "", runbook_url: "https://runbooks.example.com/a" },
        };
        const plain: Alert = { ...foreign, alert: "Plain", annotations: { summary: "", description: "" } };
        const rules = [alertOf("gpu", "GpuDown", text), foreign, plain, { record: "a:b", expr: "up" }];
        const recording = await record(() => {
            const made = (name: string, transformations: pulumi.ResourceTransformation[]) =>
                new CustomResource(name, prometheusRule(name, "a", { rules }), { transformations });
            made("linked", [runbookLinks(url)]);
            made("not-linked", []);
            const empty = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" };
            new CustomResource("empty", empty, { transformations: [runbookLinks(url)] });
        });
        const spec = (name: string) => recording.resources.find((one) => one.name === name)?.inputs.spec;
        const { groups } = spec("not-linked");
        assert.deepEqual(groups, [{ name: "not-linked", rules }]);
        const [first, ...others] = spec("linked").groups[0].rules;
        assert.equal(first.annotations.runbook_url, `${url}/docs/runbooks/gpu.md#gpudown`);
        assert.deepEqual(others, rules.slice(1));
        assert.equal(spec("empty"), undefined);
    });

    it("cannot be made of what is no address", () => {
        for (const wrong of [
            "git.example.com",
            `${url}/`,
            "https://",
            "ftp://git.example.com",
            "https://a b",
        ])
            assert.throws(
                () => runbookLinks(wrong),
                (error) =>
                    pulumi.RunError.isInstance(error) &&
                    /^runbooksUrl: was given ".*; allowed: an address with http or https, .*; do: give/.test(
                        error.message,
                    ),
            );
    });
});

describe("the index of the runbooks", () => {
    const index = readFileSync(join(root, "docs/runbooks/README.md"), "utf8");
    const rows = [...index.matchAll(/^\| (.+?) \| \[.+?\]\((\w+\.md)\) \|/gm)].map(
        ([, names = "", page = ""]) => ({
            names: [...names.matchAll(/`(\w+?)(…?)`/g)].map(([, name = "", open]) =>
                open ? `${name}\\w*` : name,
            ),
            page,
        }),
    );

    /** The page that the index sends one to. */
    const pageOf = (alert: string) =>
        rows.find(({ names }) => names.some((name) => new RegExp(`^${name}$`).test(alert)))?.page ??
        rows.find(({ names }) => names.length === 0)?.page;

    it("leads to the page of every alert of every stack, and of those that the dead man's switch posts", async () => {
        assert.ok(rows.length > 5);
        const posted = [...(deadMansSwitchFiles()["alarm.py"] ?? "").matchAll(/"alertname": "(\w+)"/g)];
        assert.equal(posted.length, 2);
        for (const [, name = ""] of posted) assert.equal(pageOf(name), "autoscaler.md", name);
        const cluster = await FakeCluster.start("mine");
        try {
            for (const target of targets) {
                const recording = await record(() => {
                    const values = { target, kubeconfig: cluster.kubeconfig, ...everything[target] };
                    const entries = Object.entries(values).map(([key, value]) => [
                        `pulumi-kube-observability:${key}`,
                        typeof value === "string" ? value : JSON.stringify(value),
                    ]);
                    pulumi.runtime.setAllConfig(Object.fromEntries(entries));
                    return require("../../index")();
                });
                for (const { alert, annotations } of alertsOf(recording))
                    assert.ok(annotations.runbook_url?.startsWith(`docs/runbooks/${pageOf(alert)}#`), alert);
            }
        } finally {
            await cluster.stop();
        }
    }).timeout(30_000);

    it("names every page, and no other", () => {
        const linked = [...new Set(rows.map(({ page }) => page))].sort();
        assert.deepEqual(linked, [
            "autoscaler.md",
            "gpu.md",
            "logs.md",
            "monitoring.md",
            "queue.md",
            "serving.md",
        ]);
    });
});
