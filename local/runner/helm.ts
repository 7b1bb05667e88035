import { execa } from "execa";
import type { Api, DiscoveredGroup } from "./api";
import { parseManifests } from "./manifests";
import type { KubernetesObject } from "./objects";

/** What `helm.v4.Chart` and `helm.v3.Release` say of a chart, as far as this runner follows it. */
export interface ChartInputs {
    readonly chart: string;
    readonly version?: string;
    readonly repositoryOpts?: { readonly repo?: string };
    /** Name of the release. */
    readonly name: string;
    readonly namespace: string;
    readonly values?: Readonly<Record<string, unknown>>;
    readonly skipCrds?: boolean;
}

export interface ReleaseInputs extends ChartInputs {
    readonly takeOwnership?: boolean;
    readonly maxHistory?: number;
    /** Seconds. */
    readonly timeout?: number;
}

/** Helm's own program: renders charts and installs releases as Helm does, because it is Helm. */
export class Helm {
    constructor(
        private readonly api: Api,
        private readonly kubeconfig: string,
        private readonly program = "helm",
    ) {}

    private capabilities: Promise<string[]> | undefined;

    /** A chart's objects without its hooks, rendered for this cluster; `lookup` finds nothing. */
    async template(inputs: ChartInputs): Promise<KubernetesObject[]> {
        const about = await this.about();
        const crds = inputs.skipCrds ? "--skip-crds" : "--include-crds";
        const args = ["template", ...release(inputs), "--no-hooks", crds, ...about];
        return parseManifests(await this.run(args, inputs));
    }

    /** Installs a release or brings it to these values, and waits for its objects. */
    async install(inputs: ReleaseInputs): Promise<void> {
        await this.run(
            [
                "upgrade",
                ...release(inputs),
                "--install",
                "--wait",
                `--timeout=${inputs.timeout ?? 300}s`,
                `--history-max=${inputs.maxHistory ?? 10}`,
                ...(inputs.takeOwnership ? ["--take-ownership"] : []),
                ...(inputs.skipCrds ? ["--skip-crds"] : []),
                "--hide-notes",
            ],
            inputs,
        );
    }

    /**
     * Removes a release and waits until its objects are gone, but for those that are to be kept.
     *
     * @param flags - more of `helm uninstall`.
     */
    async uninstall(namespace: string, name: string, flags: readonly string[] = []): Promise<void> {
        const args = ["uninstall", name, `--namespace=${namespace}`, "--wait", "--ignore-not-found"];
        await this.run([...args, "--timeout=300s", ...flags]);
    }

    private async run(args: readonly string[], inputs?: ChartInputs): Promise<string> {
        const values = inputs ? ["--values=-"] : [];
        try {
            const { stdout } = await execa(this.program, [...args, ...values], {
                env: { KUBECONFIG: this.kubeconfig },
                input: JSON.stringify(inputs?.values ?? {}),
                maxBuffer: 256 * 2 ** 20,
            });
            return stdout;
        } catch (error) {
            throw new Error(explained(error as HelmFailure, inputs));
        }
    }

    /** The cluster's version and APIs, by which charts decide what they render. */
    private async about(): Promise<string[]> {
        this.capabilities ??= this.api
            .send<{ gitVersion: string }>("GET", "/version", {})
            .then(({ gitVersion }) => [`--kube-version=${gitVersion}`]);
        return [...(await this.capabilities), `--api-versions=${(await this.apiVersions()).join(",")}`];
    }

    /** Anew each time: what a chart depends on may have brought definitions a moment ago. */
    private async apiVersions(): Promise<string[]> {
        return (await this.api.groups()).flatMap(versionsOf);
    }
}

interface HelmFailure {
    readonly code?: string;
    readonly stderr?: string;
    readonly message: string;
}

function versionsOf({ metadata, versions }: DiscoveredGroup): string[] {
    return versions.flatMap(({ version, resources = [] }) => {
        const group = metadata.name ? `${metadata.name}/${version}` : version;
        const kinds = resources.flatMap(({ responseKind }) => responseKind?.kind ?? []);
        return [group, ...kinds.filter(Boolean).map((kind) => `${group}/${kind}`)];
    });
}

function release({ name, chart, version, repositoryOpts, namespace }: ChartInputs): string[] {
    return [
        name,
        chart,
        `--namespace=${namespace}`,
        ...(version ? [`--version=${version}`] : []),
        ...(repositoryOpts?.repo ? [`--repo=${repositoryOpts.repo}`] : []),
    ];
}

function explained({ code, stderr, message }: HelmFailure, inputs?: ChartInputs): string {
    if (code === "ENOENT") {
        return "Charts need Helm, and there is no helm on the PATH: install Helm 4, or use the Pulumi CLI.";
    }
    const what = inputs ? `chart ${inputs.chart}${inputs.version ? ` ${inputs.version}` : ""}: ` : "";
    const lines = (stderr || message).split("\n").filter((line) => line && !line.startsWith("level="));
    return `${what}${lines.join("\n").replace(/^Error: /, "")}`;
}
