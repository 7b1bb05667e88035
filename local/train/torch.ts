import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
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
    const hash = inputsHash(["root 2", JSON.stringify(torchRoot)]);
    return cached("torch-root", hash, async (dir) => {
        await makeDebianRoot(torchRoot, dir, (line) => log.write(`${line}\n`));
        await mendTorchrun(dir);
    }).finally(() => log.end());
}

/**
 * Debian 12's torchrun (PyTorch 1.13) looks for "no redirection" among the members of a flag, where Python 3.11 no
 * longer lists the one that is zero, and so it starts nothing. PyTorch 2 does not have this.
 */
async function mendTorchrun(root: string): Promise<void> {
    const file = join(root, "usr/lib/python3/dist-packages/torch/distributed/elastic/multiprocessing/api.py");
    const source = await readFile(file, "utf8");
    const mended = source.replace("for s in Std:", "for s in Std.__members__.values():");
    if (mended === source) throw new Error(`${file}: does not iterate over Std any more; remove this mend`);
    await writeFile(file, mended);
}
