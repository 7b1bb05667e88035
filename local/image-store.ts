import { basename, join } from "node:path";
import { artifactPath } from "./build/artifacts";
import type { Builder } from "./build/builder";
import { images, type LocalImage } from "./build/images";
import { loadImages } from "./cluster";
import type { Instance } from "./instance";
import type { NodeRecord } from "./node/node";
import { readState, writeState } from "./state-file";

/** The node's images: each is handed to containerd once its layers are made, and only once. */
export class ImageStore {
    private readonly loaded: Record<string, string>;
    private readonly loading = new Map<string, Promise<void>>();

    constructor(
        private readonly instance: Instance,
        private readonly record: NodeRecord,
        private readonly builder: Builder,
    ) {
        this.loaded = readState(this.recordFile) ?? {};
    }

    /** Loads all images, as soon as each can be; what fails is reported to whoever needs the image. */
    start(): void {
        // One batch at a time, because the disk is the limit; images that share a layer
        // in one, because sending that layer once for each would take longest of all.
        let before: Promise<void> = Promise.resolve();
        for (const batch of batches(images.filter((image) => !this.has(image)))) {
            const loaded = this.builder.ready(...batch.flatMap(({ layers }) => layers)).then(() => {
                const load = before.then(() => this.load(batch));
                before = load.catch(noop);
                return load;
            });
            loaded.catch(noop);
            for (const image of batch) this.loading.set(image.name, loaded);
        }
    }

    /** Local images named anywhere in an object that are not in the node yet. */
    missing(object: unknown): LocalImage[] {
        const text = JSON.stringify(object);
        return images.filter((image) => text.includes(`"${image.name}"`) && !this.has(image));
    }

    async ready(wanted: readonly LocalImage[] = images): Promise<void> {
        await Promise.all(wanted.map((image) => this.loading.get(image.name)));
    }

    private has(image: LocalImage): boolean {
        return this.loaded[image.name] === content(image);
    }

    private async load(batch: readonly LocalImage[]): Promise<void> {
        await loadImages(this.instance, this.record, batch);
        for (const image of batch) this.loaded[image.name] = content(image);
        await writeState(this.recordFile, this.loaded);
    }

    private get recordFile(): string {
        return join(this.instance.dir, "images.json");
    }
}

/** What an image is made of: changes when one of its artifacts or its own settings do. */
function content(image: LocalImage): string {
    return [JSON.stringify(image), ...image.layers.map((layer) => basename(artifactPath(layer)))].join(" ");
}

/** Images by the layers they share, in the order of the table. */
function batches(all: readonly LocalImage[]): LocalImage[][] {
    const byLayers = new Map<string, LocalImage[]>();
    for (const image of all) {
        const key = image.layers.join(" ");
        byLayers.set(key, [...(byLayers.get(key) ?? []), image]);
    }
    return [...byLayers.values()];
}

function noop(): void {}
