import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { devImages } from "../../stacks/dev-images";

/** One image of the embedded cluster: shared layers by artifact name, and how it starts. */
export interface LocalImage {
    readonly name: string;
    /** Artifacts whose layer it has, lowest first. */
    readonly layers: readonly string[];
    readonly entrypoint: readonly string[];
    /** Numeric, so that `runAsNonRoot` can be checked. */
    readonly user: string;
    /** What asks it to end. @default SIGTERM */
    readonly stopSignal?: string;
}

const nobody = "65534";
const debian = (name: string, program: string): LocalImage => ({
    name,
    layers: ["image-base"],
    entrypoint: [`/usr/bin/${program}`],
    user: nobody,
});
const go = (name: string, artifact: string, program: string): LocalImage => ({
    name,
    layers: [artifact],
    entrypoint: [`/bin/${program}`],
    user: nobody,
});

/** What the cluster itself runs: the sandbox of every pod, and name resolution. */
export const clusterImages: readonly LocalImage[] = [
    go("localhost/pause:1", "pause", "pause"),
    go("localhost/coredns:local", "coredns", "coredns"),
];

/** All images, by the one map from upstream names in stacks/dev-images.ts, and the cluster's own two. */
export const images: readonly LocalImage[] = [
    ...clusterImages,
    go(devImages.prometheus, "prometheus", "prometheus"),
    debian(devImages.alertmanager, "prometheus-alertmanager"),
    debian(devImages.nodeExporter, "prometheus-node-exporter"),
    debian(devImages.redis, "redis-server"),
    debian(devImages.redisExporter, "prometheus-redis-exporter"),
    // As upstream: it ends softly, with the requests that it has.
    { ...debian(devImages.haproxy, "haproxy"), entrypoint: ["/usr/sbin/haproxy"], stopSignal: "SIGUSR1" },
    debian(devImages.python, "python3"),
    go(devImages.prometheusOperator, "prometheus-operator", "operator"),
    go(devImages.prometheusConfigReloader, "prometheus-operator", "prometheus-config-reloader"),
    go(devImages.metricsServer, "metrics-server", "metrics-server"),
    go(devImages.kubeStateMetrics, "stand-ins", "state-metrics"),
    go(devImages.prometheusAdapter, "stand-ins", "metrics-adapter"),
    go(devImages.podinfo, "podinfo", "podinfo"),
    go(devImages.keda, "keda", "keda"),
    go(devImages.kedaMetricsApiserver, "keda", "keda-adapter"),
    go(devImages.otelCollector, "otel-collector", "otel-collector"),
    go(devImages.loki, "loki", "loki"),
];

/** Makes a folder an image layer, `layer.tar` and its digest, and removes the folder. Same content, same bytes. */
export async function makeLayer(root: string, dir: string): Promise<void> {
    const layer = join(dir, "layer.tar");
    const stable = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    await execa("tar", [...stable, "--create", "--file", layer, "--directory", root, "."]);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(layer)) hash.update(chunk);
    await writeFile(join(dir, "layer.json"), JSON.stringify({ digest: `sha256:${hash.digest("hex")}` }));
    await rm(root, { recursive: true });
}

/**
 * Puts images together as one OCI layout (shared layers once) and hands it to
 * `load` as a folder with symbolic links, which is removed afterwards. Layer folders by artifact name.
 */
export async function withImageLayout(
    scratch: string,
    wanted: readonly LocalImage[],
    layerDir: (artifact: string) => string,
    load: (layout: string) => Promise<void>,
): Promise<void> {
    await mkdir(scratch, { recursive: true });
    const layout = await mkdtemp(join(scratch, "images-"));
    try {
        const blobs = join(layout, "blobs/sha256");
        await mkdir(blobs, { recursive: true });
        const manifests = [];
        for (const image of wanted) manifests.push(await writeImage(image, layerDir, blobs));
        await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
        await writeFile(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
        await load(layout);
    } finally {
        await rm(layout, { recursive: true, force: true });
    }
}

async function writeImage(
    image: LocalImage,
    layerDir: (artifact: string) => string,
    blobs: string,
): Promise<object> {
    const layers = [];
    for (const artifact of image.layers) {
        const layer = join(layerDir(artifact), "layer.tar");
        const { digest } = JSON.parse(await readFile(join(layerDir(artifact), "layer.json"), "utf8")) as {
            digest: string;
        };
        const { size } = await stat(layer);
        const blob = join(blobs, digest.replace("sha256:", ""));
        // Not a hard link: one more would change the file, and a tar that reads it for another cluster would fail.
        await symlink(layer, blob).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== "EEXIST") throw error;
        });
        layers.push({ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size });
    }
    const config = await writeBlob(
        blobs,
        imageConfig(
            image,
            layers.map((layer) => layer.digest),
        ),
    );
    const manifest = await writeBlob(blobs, {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
        layers,
    });
    return {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        ...manifest,
        annotations: { "io.containerd.image.name": image.name },
    };
}

export function imageConfig(image: LocalImage, diffIds: readonly string[]): object {
    return {
        architecture: "amd64",
        os: "linux",
        config: {
            User: image.user,
            Entrypoint: image.entrypoint,
            Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SSL_CERT_DIR=/etc/ssl/certs"],
            WorkingDir: "/",
            ...(image.stopSignal !== undefined && { StopSignal: image.stopSignal }),
        },
        rootfs: { type: "layers", diff_ids: diffIds },
        history: [],
    };
}

async function writeBlob(blobs: string, content: object): Promise<{ digest: string; size: number }> {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(blobs, digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
}
