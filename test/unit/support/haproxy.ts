import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { artifactPath } from "../../../local/build/artifacts";

/** A HAProxy with the arguments that start it: the machine's own, or that of the image which the cluster runs. */
export type Haproxy = readonly [command: string, ...args: string[]];

/**
 * HAProxy, from the PATH or from the layer of images that a built cluster has in its cache.
 *
 * @param folder where to put the program of the layer
 * @returns undefined where there is neither
 */
export function findHaproxy(folder: string): Haproxy | undefined {
    if (spawnSync("haproxy", ["-v"]).status === 0) return ["haproxy"];
    const layer = join(artifactPath("image-base"), "layer.tar");
    if (!existsSync(layer)) return undefined;
    const libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"];
    const parts = ["usr/sbin/haproxy", "lib64", ...libraries].map((path) => `./${path}`);
    const unpacked = spawnSync("tar", ["-xf", layer, "-C", folder, ...parts], { encoding: "utf8" });
    if (unpacked.status !== 0) throw new Error(unpacked.stderr);
    // Its own loader and libraries: this machine's may be others.
    const paths = libraries.map((path) => join(folder, path)).join(":");
    const loader = join(folder, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    return [loader, "--library-path", paths, join(folder, "usr/sbin/haproxy")];
}
