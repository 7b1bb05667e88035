import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** A file system made of Debian packages. */
export interface DebianRoot {
    readonly suite: string;
    readonly packages: readonly string[];
    /** Removed afterwards: documentation, and data that none of the programs reads. */
    readonly remove: readonly string[];
    /** Made afterwards. */
    readonly folders: readonly string[];
    readonly files: Readonly<Record<string, string>>;
}

const noDocumentation = [
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "usr/share/lintian",
];
const accounts = {
    "etc/passwd":
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

/** What the node runs beside Kubernetes itself: containers, network plugins, packet filter, supervisor. */
export const nodeRoot: DebianRoot = {
    suite: "bookworm",
    packages: [
        "containerd",
        "containernetworking-plugins",
        "conntrack",
        "coreutils",
        "dash",
        "iproute2",
        "mount",
        "nftables",
        "runc",
        "runit",
        "util-linux",
    ],
    remove: noDocumentation,
    folders: ["etc/kubernetes", "opt", "mnt", "proc", "sys", "dev", "run", "tmp"],
    files: { ...accounts, "etc/hosts": "127.0.0.1 localhost\n" },
};

/** The layer that all images made of Debian packages share. */
export const imageRoot: DebianRoot = {
    suite: "bookworm",
    packages: [
        "base-files",
        "ca-certificates",
        "haproxy",
        "prometheus-alertmanager",
        "prometheus-node-exporter",
        "prometheus-redis-exporter",
        "python3",
        "redis-server",
    ],
    remove: [
        ...noDocumentation,
        "usr/share/perl",
        "usr/lib/x86_64-linux-gnu/perl",
        "usr/lib/x86_64-linux-gnu/perl-base",
        "usr/lib/x86_64-linux-gnu/gconv",
        "usr/lib/systemd",
        "lib/systemd",
    ],
    folders: ["tmp", "run", "alertmanager"],
    files: accounts,
};

/** Unpacks the packages with all they depend on; no package script runs, so nothing of the host is touched. */
export async function makeDebianRoot(
    root: DebianRoot,
    dir: string,
    log: (line: string) => void,
): Promise<void> {
    const include = `--include=${root.packages.join(",")}`;
    const made = execa("mmdebstrap", ["--variant=extract", include, root.suite, dir], {
        all: true,
        stdin: "ignore",
    });
    for await (const line of made.iterable({ from: "all" })) log(line);
    await made;
    for (const path of root.remove) await rm(join(dir, path), { recursive: true, force: true });
    for (const path of root.folders) await mkdir(join(dir, path), { recursive: true });
    for (const [path, content] of Object.entries(root.files)) await writeFile(join(dir, path), content);
}
