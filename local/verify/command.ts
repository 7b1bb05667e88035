import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { chartLocation, checkChartSource } from "../../components/charts/chart-source";
import { type ChartKey, charts } from "../../components/charts/pins";
import { renderProblems } from "../../components/problems";
import { artifactPath } from "../build/artifacts";
import { pinnedVersion } from "../build/go";
import { apply, kubectl } from "../cluster";
import { checkout, type Instance } from "../instance";
import { onPath } from "../preflight";
import { previousVersions } from "./charts-directory";
import { type Deployer, type Deployment, engineDeployer, runnerDeployer } from "./deployer";
import { componentSubjects } from "./subjects";
import { compatibilityTable } from "./table";
import { conclude } from "./verdict";
import { type Subject, type Verification, verify } from "./verify";

const project = "pulumi-kube-observability";

const everywhere: readonly ChartKey[] = [
    "certManager",
    "eckOperator",
    "eckOperatorCrds",
    "eckStack",
    "fluentBit",
    "keda",
    "kubePrometheusStack",
    "metricsServer",
    "podinfo",
    "prometheusAdapter",
    "prometheusOperatorCrds",
    "traefik",
];

/** The chart stacks, whole, and the charts that they install. */
export const stackSubjects: Readonly<Record<string, readonly ChartKey[]>> = {
    kind: [...everywhere, "istioBase", "istioCni", "istiod"],
    "gpu-cloud": [...everywhere, "gpuOperator"],
};

/**
 * What stays by design: definitions, because with them goes every object of their kind, and what operators or
 * the control plane make for themselves and no release owns.
 */
export const documentedLeftovers = new RegExp(
    [
        "^apiextensions\\.k8s\\.io/CustomResourceDefinition/",
        // GC of what pods of a deleted namespace held: the simulator's volumes go a moment later.
        "^/PersistentVolume/",
        // The stack gpu-cloud keeps the disks of Elasticsearch (keepData), and so the namespace that they are in.
        "^/Namespace//logging$",
    ].join("|"),
);

export interface VerifyOptions {
    /** Directory of charts. */
    readonly charts: string;
    /** Only these subjects. @default all whose charts are in the directory */
    readonly only?: readonly string[];
    /** Write the table into docs/compatibility.md. */
    readonly write?: boolean;
}

/** The whole of `make verify-charts`. Ends with the line `N passed, N failed`; the exit status is 1 where any failed. */
export async function verifyCharts(instance: Instance, options: VerifyOptions): Promise<void> {
    const directory = resolve(options.charts);
    if (options.write && options.only) {
        throw new Error(
            "--only with --write would replace the table of all subjects by that of a few: drop one of them.",
        );
    }
    const deployer = await chooseDeployer();
    console.log(`Verifying with ${deployer.name}, charts from ${directory}\n`);
    const results: Verification[] = [];
    for (const name of options.only ?? subjectNames()) {
        const subject = subjectOf(instance, name, directory);
        results.push(
            await verify(subject, {
                deployer,
                kubeconfig: instance.kubeconfig,
                sweep: (identities) => sweep(instance, identities),
                say: console.log,
            }),
        );
    }
    await report(results, deployer, options.write ?? false);
}

export function subjectNames(): string[] {
    return [...Object.keys(componentSubjects), ...Object.keys(stackSubjects)];
}

function chartsOf(name: string): readonly ChartKey[] {
    const keys = componentSubjects[name]?.charts ?? stackSubjects[name];
    if (!keys) throw new Error(`There is no subject "${name}"; there are: ${subjectNames().join(", ")}.`);
    return keys;
}

/** The Pulumi CLI where it is installed, else the runner with the Helm that this project builds. */
export async function chooseDeployer(): Promise<Deployer> {
    return (await onPath("pulumi")) ? engineDeployer : runnerDeployer(join(artifactPath("helm"), "helm"));
}

/** A subject with what of its charts a directory has. @throws Error naming the charts that it lacks. */
export function subjectOf(instance: Instance, name: string, charts: string): Subject {
    const directory = resolve(charts);
    const keys = chartsOf(name);
    const missing = checkChartSource("charts", { mirror: directory }, keys);
    if (missing.length > 0) {
        throw new Error(`${name} cannot be verified:\n${renderProblems(missing)}`);
    }
    const previous = previousVersions(directory, keys);
    return {
        name,
        deployment: deploymentOf(instance, name, directory, {}),
        leaves: documentedLeftovers,
        ...(keys.includes("gpuOperator") && { upgradeHooks: () => gpuDefinitions(instance, directory) }),
        ...(Object.keys(previous).length > 0 && {
            previous: deploymentOf(instance, name, directory, previous),
        }),
    };
}

/** What the GPU operator's hook does before an upgrade (`operator.upgradeCRD`): apply the chart's definitions. */
async function gpuDefinitions(instance: Instance, directory: string): Promise<void> {
    const { chart } = chartLocation("gpuOperator", { mirror: directory });
    const { stdout } = await execa(join(artifactPath("helm"), "helm"), ["show", "crds", chart]);
    await apply(instance, ["--filename=-"], stdout);
}

function deploymentOf(
    instance: Instance,
    name: string,
    directory: string,
    versions: Readonly<Record<string, string>>,
): Deployment {
    const stack = name.replaceAll(" ", "-");
    const own = {
        [`${project}:kubeconfig`]: instance.kubeconfig,
        [`${project}:chartMirror`]: directory,
        ...(Object.keys(versions).length > 0 && { [`${project}:chartVersions`]: versions }),
    };
    const common = { stack, kubeconfig: instance.kubeconfig, home: join(instance.dir, "pulumi", stack) };
    return name in stackSubjects
        ? {
              ...common,
              main: "index.ts",
              config: { ...stackFile(name), [`${project}:context`]: "embedded", ...own },
          }
        : { ...common, main: "local/verify/program.ts", config: { [`${project}:subject`]: name, ...own } };
}

function stackFile(stack: string): Record<string, unknown> {
    return parse(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8")).config;
}

/** Removes what stayed by design, so that the next subject starts from the same cluster. */
export async function sweep(instance: Instance, identities: readonly string[]): Promise<void> {
    for (const kind of ["Namespace", "CustomResourceDefinition"]) {
        const named = new RegExp(`/${kind}//(.+)$`);
        const names = identities.flatMap((identity) => named.exec(identity)?.[1] ?? []);
        if (names.length > 0) {
            await kubectl(instance, ["delete", kind.toLowerCase(), "--ignore-not-found", ...names]);
        }
    }
}

async function report(results: readonly Verification[], deployer: Deployer, write: boolean): Promise<void> {
    const kubernetes = pinnedVersion(".", "k8s.io/kubernetes");
    const table = compatibilityTable(results, (name) => chartsOf(name).map((key) => charts[key]), {
        kubernetes,
        engine: deployer.name,
        date: new Date().toISOString().slice(0, 10),
    });
    const checks = results.flatMap((result) => result.checks);
    const failed = checks.filter(({ failure }) => failure !== undefined).length;
    await conclude({ table, total: checks.length, failed, section: write ? "compatibility" : undefined });
}
