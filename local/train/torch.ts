import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, cached, inputsHash } from "../build/cache";
import { type DebianRoot, makeDebianRoot } from "../build/debian";

/**
 * PyTorch for CPUs as Debian has it: about 270 MB to download, 1.1 GB on the disk. PyPI's for Linux is the one for CUDA,
 * which cannot be loaded without 3 GB of NVIDIA's libraries. Not Debian 13's: it was built without the store (libuv) that
 * torchrun asks for.
 */
export const torchRoot: DebianRoot = {
    suite: "bookworm",
    packages: ["python3", "python3-torch", "python3-torchvision", "libblas3", "liblapack3"],
    remove: ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian"],
    folders: ["app", "state", "tmp", "proc", "dev"],
    files: {
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "etc/group": "root:x:0:\n",
        "etc/hosts": "127.0.0.1 localhost\n",
        "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    },
};

/** What its programs need to know, as no script of a package has been run: where Debian's alternatives would point. */
export const torchEnvironment = {
    LD_LIBRARY_PATH: ["blas", "lapack"].map((name) => `/usr/lib/x86_64-linux-gnu/${name}`).join(":"),
    PATH: "/usr/bin:/bin",
    HOME: "/tmp",
    PYTHONDONTWRITEBYTECODE: "1",
};

/**
 * A folder with Debian's Python and PyTorch, made if it is not in the cache.
 *
 * @throws Error when it cannot be made; `build.log` in the cache has the words of what failed.
 */
export async function torchFolder(): Promise<string> {
    await mkdir(cacheDir(), { recursive: true });
    const log = createWriteStream(join(cacheDir(), "build.log"), { flags: "a" });
    const hash = inputsHash(["root 1", JSON.stringify(torchRoot)]);
    return cached("torch-root", hash, (dir) =>
        makeDebianRoot(torchRoot, dir, (line) => log.write(`${line}\n`)),
    ).finally(() => log.end());
}
