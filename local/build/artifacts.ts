import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { artifactDir, inputsHash } from "./cache";
import { type DebianRoot, imageRoot, makeDebianRoot, nodeRoot } from "./debian";
import { copyFromModule, type GoBuild, goBuild, goInputs } from "./go";
import { makeLayer } from "./images";

/** Debian's has no Kubernetes service discovery; all of them would bring every cloud's SDK. */
const prometheusTags = ["remove_all_sd", "enable_kubernetes_sd"];

export interface Artifact {
    readonly name: string;
    readonly title: string;
    /** Seconds to make it with nothing cached on 2 cores, in the order of this table; the progress bar's estimate. */
    readonly seconds: number;
    /** Compilers take every core, so they queue; what downloads and unpacks goes beside them. */
    readonly lane: "compile" | "unpack";
    readonly hash: () => string;
    /** Makes it into an empty folder; reports progress from 0 to 1. */
    readonly make: (
        dir: string,
        log: (line: string) => void,
        progress: (part: number) => void,
    ) => Promise<void>;
}

/**
 * Everything the embedded cluster is made of, most urgent first: the node's
 * own programs, then what monitoring and the workloads need, then KEDA, which
 * takes long, and logs, which nothing waits for, last. The cluster stands and
 * the program runs meanwhile.
 */
export const artifacts: readonly Artifact[] = [
    goArtifact("node", "node launcher", 10, { module: ".", programs: { node: "./cmd/node" }, packages: 76 }),
    debianArtifact("node-root", "node file system", 15, nodeRoot),
    goArtifact("kubernetes", "Kubernetes", 260, {
        module: ".",
        programs: { kubernetes: "./cmd/kubernetes" },
        links: {
            kubernetes: [
                "kube-apiserver",
                "kube-controller-manager",
                "kube-scheduler",
                "kubelet",
                "kube-proxy",
                "kubectl",
            ],
        },
        packages: 2611,
        stamp: (version) => kubernetesVersion(version("k8s.io/kubernetes")),
    }),
    goArtifact("etcd", "etcd", 25, { module: "etcd", programs: { etcd: "." }, packages: 345 }),
    imageArtifact("pause", "pause", 1, { module: ".", programs: { pause: "./cmd/pause" }, packages: 1 }),
    imageArtifact("coredns", "CoreDNS", 10, {
        module: ".",
        programs: { coredns: "./cmd/coredns" },
        packages: 99,
    }),
    {
        name: "crds",
        title: "custom resource definitions",
        seconds: 5,
        lane: "unpack",
        hash: () =>
            inputsHash(
                ["crds 1"],
                ["go.mod", "prometheus-operator/go.mod"].map((path) => resolve(__dirname, "../go", path)),
            ),
        make: async (dir, log) => {
            const operator = "github.com/prometheus-operator/prometheus-operator";
            await copyFromModule(
                "prometheus-operator",
                operator,
                "example/prometheus-operator-crd",
                dir,
                log,
            );
            await copyFromModule(".", "github.com/kedacore/keda/v2", "config/crd/bases", dir, log);
        },
    },
    debianLayer("image-base", "image base layer", 20, imageRoot),
    imageArtifact("prometheus", "Prometheus", 100, {
        module: "prometheus",
        programs: { prometheus: "github.com/prometheus/prometheus/cmd/prometheus" },
        tags: prometheusTags,
        packages: 694,
        stamp: (version) => ({
            "github.com/prometheus/common/version.Version": prometheusVersion(
                version("github.com/prometheus/prometheus"),
            ),
        }),
    }),
    imageArtifact("prometheus-operator", "prometheus-operator", 66, {
        module: "prometheus-operator",
        programs: {
            operator: "github.com/prometheus-operator/prometheus-operator/cmd/operator",
            "prometheus-config-reloader":
                "github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader",
        },
        packages: 478,
        stamp: (version) => ({
            "github.com/prometheus/common/version.Version": version(
                "github.com/prometheus-operator/prometheus-operator",
            ).slice(1),
        }),
    }),
    imageArtifact("metrics-server", "metrics-server", 7, {
        module: ".",
        programs: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" },
        packages: 12,
        stamp: (version) => kubernetesVersion(version("sigs.k8s.io/metrics-server")),
    }),
    imageArtifact("stand-ins", "stand-ins for kube-state-metrics and prometheus-adapter", 25, {
        module: "stand-ins",
        programs: { "state-metrics": "./state-metrics", "metrics-adapter": "./metrics-adapter" },
        packages: 20,
    }),
    imageArtifact(
        "podinfo",
        "podinfo",
        15,
        {
            module: "podinfo",
            programs: { podinfo: "github.com/stefanprodan/podinfo/cmd/podinfo" },
            packages: 75,
            // Its tags are of v6 and its module is of v1, so that Go knows its versions by their commits alone.
            stamp: (version) => ({
                "github.com/stefanprodan/podinfo/pkg/version.REVISION":
                    version("github.com/stefanprodan/podinfo").split("-").at(-1) ?? "",
            }),
        },
        // The page that it shows to browsers, where it looks from the folder in which it starts.
        (root, log) =>
            copyFromModule("podinfo", "github.com/stefanprodan/podinfo", "ui", join(root, "ui"), log),
    ),
    imageArtifact("keda", "KEDA", 240, {
        module: ".",
        programs: {
            keda: "github.com/kedacore/keda/v2/cmd/operator",
            "keda-adapter": "github.com/kedacore/keda/v2/cmd/adapter",
        },
        packages: 2102,
        stamp: (version) => ({
            "github.com/kedacore/keda/v2/version.Version": version("github.com/kedacore/keda/v2").slice(1),
        }),
    }),
    imageArtifact("otel-collector", "OpenTelemetry Collector", 40, {
        module: "otel-collector",
        programs: { "otel-collector": "." },
        packages: 321,
        stamp: (version) => ({
            "main.version": version("go.opentelemetry.io/collector/otelcol").slice(1),
        }),
    }),
    imageArtifact("loki", "Loki", 175, {
        module: "loki",
        programs: { loki: "github.com/grafana/loki/v3/cmd/loki" },
        packages: 510,
        stamp: (version) => ({
            "github.com/grafana/loki/v3/pkg/util/build.Version": version("github.com/grafana/loki/v3").slice(
                1,
            ),
        }),
    }),
];

/** What chart stacks are rehearsed with: Helm, and KWOK, which simulates nodes and pods on a real control plane. */
export const rehearsalArtifacts: readonly Artifact[] = [
    goArtifact("helm", "Helm", 85, {
        module: "helm",
        programs: { helm: "helm.sh/helm/v4/cmd/helm" },
        packages: 820,
        stamp: (version) => ({ "helm.sh/helm/v4/internal/version.version": version("helm.sh/helm/v4") }),
    }),
    withFolder(
        goArtifact("kwok", "KWOK", 70, {
            module: "kwok",
            programs: { kwok: "sigs.k8s.io/kwok/cmd/kwok" },
            packages: 600,
        }),
        // How nodes and pods behave is data, which its releases ship beside the program.
        (dir, log) => copyFromModule("kwok", "sigs.k8s.io/kwok", "kustomize/stage", join(dir, "stage"), log),
    ),
];

/** What puts a load on workloads: k6. Its licence is the AGPL's: it is compiled where it runs, and never passed on. */
export const loadArtifacts: readonly Artifact[] = [
    goArtifact("k6", "k6", 120, { module: "k6", programs: { k6: "go.k6.io/k6" }, packages: 480 }),
];

/** What unit tests run: promtool, which tries rules on series made up for them. After Prometheus little is left to compile. */
export const testArtifacts: readonly Artifact[] = [
    goArtifact("promtool", "promtool", 10, {
        module: "prometheus",
        programs: { promtool: "github.com/prometheus/prometheus/cmd/promtool" },
        tags: prometheusTags,
        packages: 6,
    }),
];

export function artifact(name: string): Artifact {
    const found = [...artifacts, ...rehearsalArtifacts, ...loadArtifacts, ...testArtifacts].find(
        (candidate) => candidate.name === name,
    );
    if (!found) throw new Error(`no artifact ${name}`);
    return found;
}

/** Folder of a finished artifact, whether or not it is there yet. */
export function artifactPath(name: string): string {
    return artifactDir(name, artifact(name).hash());
}

/** Stamps what Kubernetes programs report, and what charts and clients check, as their version. */
function kubernetesVersion(version: string): Record<string, string> {
    const [major, minor] = version.slice(1).split(".");
    const prefix = "k8s.io/component-base/version.git";
    return {
        [`${prefix}Version`]: version,
        [`${prefix}Major`]: major ?? "",
        [`${prefix}Minor`]: minor ?? "",
        [`${prefix}TreeState`]: "clean",
    };
}

/** Prometheus 3.14.0 is v0.314.0 as a Go module. */
export function prometheusVersion(moduleVersion: string): string {
    const [, major, minor, patch] = moduleVersion.match(/^v0\.(\d)(\d\d)\.(\d+)$/) ?? [];
    return `${Number(major)}.${Number(minor)}.${Number(patch)}`;
}

function goArtifact(name: string, title: string, seconds: number, build: GoBuild): Artifact {
    return compiled(name, title, seconds, build, "", (dir, log, progress) =>
        goBuild(build, dir, log, progress),
    );
}

/** An artifact with one more folder in it. */
function withFolder(
    made: Artifact,
    add: (dir: string, log: (line: string) => void) => Promise<void>,
): Artifact {
    return {
        ...made,
        make: async (dir, log, progress) => {
            await made.make(dir, log, progress);
            await add(dir, log);
        },
    };
}

/**
 * Programs built with Go, as an image layer with them in /bin, where upstream images have them.
 *
 * @param add - puts what else they need into the layer
 */
function imageArtifact(
    name: string,
    title: string,
    seconds: number,
    build: GoBuild,
    add: (root: string, log: (line: string) => void) => Promise<void> = async () => {},
): Artifact {
    return compiled(name, title, seconds, build, "layer 2", async (dir, log, progress) => {
        const root = join(dir, "root");
        await mkdir(join(root, "bin"), { recursive: true });
        await mkdir(join(root, "tmp"));
        await goBuild(build, join(root, "bin"), log, progress);
        await add(root, log);
        await makeLayer(root, dir);
    });
}

/** @param format - changes when the same inputs become something else, so that nobody meets the old kind in a cache. */
function compiled(
    name: string,
    title: string,
    seconds: number,
    build: GoBuild,
    format: string,
    make: (dir: string, log: (line: string) => void, onPackage: () => void) => Promise<void>,
): Artifact {
    return {
        name,
        title,
        seconds,
        lane: "compile",
        hash: () => {
            const { texts, paths } = goInputs(build);
            return inputsHash([format, ...texts], paths);
        },
        make: (dir, log, progress) => {
            let seen = 0;
            return make(dir, log, () => progress(Math.min(0.99, ++seen / build.packages)));
        },
    };
}

function debianArtifact(name: string, title: string, seconds: number, root: DebianRoot): Artifact {
    return unpacked(name, title, seconds, root, "root 1", (dir, log) => makeDebianRoot(root, dir, log));
}

function debianLayer(name: string, title: string, seconds: number, root: DebianRoot): Artifact {
    return unpacked(name, title, seconds, root, "layer 1", async (dir, log) => {
        await makeDebianRoot(root, join(dir, "root"), log);
        await makeLayer(join(dir, "root"), dir);
    });
}

function unpacked(
    name: string,
    title: string,
    seconds: number,
    root: DebianRoot,
    format: string,
    make: Artifact["make"],
): Artifact {
    return {
        name,
        title,
        seconds,
        lane: "unpack",
        hash: () => inputsHash([format, JSON.stringify(root)]),
        make,
    };
}
