import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { artifact } from "./artifacts";
import { cacheDir, cached } from "./cache";

let made: Promise<string> | undefined;

/**
 * Path of promtool, which is compiled if it is not in the cache: in seconds where Prometheus has been compiled before,
 * else in minutes. A test that needs it asks in a `before` with a time limit to match.
 *
 * @throws Error when it cannot be compiled; `build.log` in the cache has the compiler's words.
 */
export function promtoolPath(): Promise<string> {
    made ??= make();
    return made;
}

async function make(): Promise<string> {
    const { name, hash, make } = artifact("promtool");
    await mkdir(cacheDir(), { recursive: true });
    const log = createWriteStream(join(cacheDir(), "build.log"), { flags: "a" });
    const dir = await cached(name, hash(), (folder) =>
        make(
            folder,
            (line) => log.write(`${line}\n`),
            () => undefined,
        ),
    ).finally(() => log.end());
    return join(dir, "promtool");
}
