import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { contentHash } from "./content-hash";

/** How the library's own programs, most of them Python on the standard library alone, get into pods. */

/** Files of a folder of `components/apps` by name: the one that is started, and what it reads or imports. */
export function programFiles(folder: string, ...files: readonly string[]): Record<string, string> {
    const sources = join(__dirname, "apps", folder);
    return Object.fromEntries(files.map((file) => [file, readFileSync(join(sources, file), "utf8")]));
}

/** The ConfigMap that carries files, named after their content: a pod that reads others is another pod. */
export function createFiles(
    name: string,
    app: string,
    namespace: pulumi.Input<string>,
    data: Record<string, string>,
    opts: pulumi.CustomResourceOptions,
): ConfigMap {
    const metadata = { name: `${app}-${contentHash(JSON.stringify(data))}`, namespace };
    return new ConfigMap(name, { metadata, immutable: true, data }, opts);
}

/**
 * What starts a file in /app. -S and -E: neither site packages nor Python's own variables are used, and looking for
 * them costs a third of the start; -u: logs appear when they are written.
 */
export function pythonCommand(file: string): string[] {
    return ["python3", "-S", "-E", "-u", `/app/${file}`];
}

/** Where a container finds the files of a ConfigMap: the volume of its pod, and the mount at `path`. */
export function mountFiles(source: pulumi.Input<string>, path = "/app") {
    const volume: core.v1.Volume = { name: "files", configMap: { name: source } };
    const volumeMount: core.v1.VolumeMount = { name: "files", mountPath: path, readOnly: true };
    return { volume, volumeMount };
}
