import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where finished artifacts are kept, outside every checkout: `$XDG_CACHE_HOME/pulumi-kube-observability`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
    return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-kube-observability");
}

/** A short hash of everything that decides what an artifact contains: texts, and files or folders by content. */
export function inputsHash(texts: readonly string[], paths: readonly string[] = []): string {
    const hash = createHash("sha256");
    for (const text of texts) hash.update(text).update("\0");
    for (const file of paths.flatMap(files))
        hash.update(file.name).update("\0").update(readFileSync(file.path)).update("\0");
    return hash.digest("hex").slice(0, 16);
}

function files(path: string): { name: string; path: string }[] {
    if (!statSync(path).isDirectory()) return [{ name: path.split("/").at(-1) ?? path, path }];
    return readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((file) => ({ name: file.slice(path.length), path: file }));
}

/**
 * Makes `<cache>/<name>-<hash>` unless it is there. It is made beside its place
 * and moved there when finished, so an artifact that exists is whole, however
 * the run that made it ended, and two runs that make the same one do no harm.
 */
export async function cached(
    name: string,
    hash: string,
    make: (dir: string) => Promise<void>,
): Promise<string> {
    const dir = artifactDir(name, hash);
    if (existsSync(dir)) return dir;
    const unfinished = `${dir}.unfinished-${process.pid}`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    try {
        await make(unfinished);
        await rename(unfinished, dir).catch((error) => {
            if (!existsSync(dir)) throw error;
        });
    } finally {
        await rm(unfinished, { recursive: true, force: true });
    }
    return dir;
}

export function artifactDir(name: string, hash: string): string {
    return join(cacheDir(), `${name}-${hash}`);
}

/** Removes what killed runs left unfinished. */
export async function removeUnfinished(): Promise<void> {
    for (const name of await readdir(cacheDir()).catch(() => [])) {
        const pid = name.match(/\.unfinished-(\d+)$/)?.[1];
        if (pid && !existsSync(`/proc/${pid}`))
            await rm(join(cacheDir(), name), { recursive: true, force: true });
    }
}
