import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { resolve } from "node:path";
import { execa } from "execa";
import getPort from "get-port";
import { cacheDir } from "./build/cache";
import { checkout } from "./instance";
import { type EndpointName, endpoints, type Ports } from "./node/network";

/** What the machine must have before any work starts. */
export const required = { go: goDirective(), diskGiB: 15, warmDiskGiB: 4, memoryGiB: 6 } as const;

/** Facts about the machine, read once, judged by `machineProblems`. */
export interface Machine {
    readonly platform: string;
    readonly architecture: string;
    readonly uid: number | undefined;
    readonly node: string;
    /** What `go version` prints; undefined where there is no Go. */
    readonly go: string | undefined;
    /** Programs that are not on the PATH and cannot be installed with apt-get either. */
    readonly missing: readonly string[];
    readonly memoryBytes: number;
    readonly freeDiskBytes: number;
    /** What `unshare` says when asked for the namespaces of a node; undefined where it grants them. */
    readonly namespaces: string | undefined;
    /** Kernel features that are not there, by the module that may bring them. */
    readonly missingModules: readonly string[];
    /** True when everything has been built before. */
    readonly warm: boolean;
}

/** Every reason why the embedded cluster cannot run here: what is, what must be, what to do. */
export function machineProblems(machine: Machine): string[] {
    const problems: string[] = [];
    const say = (what: string, wanted: string, remedy: string) =>
        problems.push(`${what}; needs ${wanted}; ${remedy}`);
    if (machine.platform !== "linux" || machine.architecture !== "x64") {
        say(
            `This machine runs ${machine.platform} on ${machine.architecture}`,
            "Linux on x64",
            "use such a machine or a virtual one",
        );
        return problems; // nothing below means anything elsewhere
    }
    if (machine.uid !== 0)
        say(`You are user ${machine.uid}`, "root, to make namespaces and mounts", "run it with sudo");
    if (!nodeWillDo(machine.node)) {
        say(`Node.js is ${machine.node}`, "20.19 or later, or 22.12 or later", "install it from nodejs.org");
    }
    const go = machine.go?.match(/go(\d+\.\d+(\.\d+)?)/)?.[1];
    const wantedGo = `${required.go} or later, to build Kubernetes`;
    if (!go) say("Go is not installed", wantedGo, "install it from go.dev/dl");
    else if (isOlder(go, required.go)) say(`Go is ${go}`, wantedGo, "install it from go.dev/dl");
    if (machine.namespaces !== undefined) {
        say(
            `Namespaces are refused (${machine.namespaces})`,
            "CAP_SYS_ADMIN",
            "give this container the right, or use a virtual machine",
        );
    }
    for (const module of machine.missingModules) {
        say(
            `The kernel has no ${module}`,
            "it, for the pods' network and images",
            `load it on the host with \`modprobe ${module}\``,
        );
    }
    for (const program of machine.missing) {
        const wanted = "it, and there is no apt-get to install it with";
        say(`${program} is not installed`, wanted, "install it with the package manager of this machine");
    }
    const memory = machine.memoryBytes / 2 ** 30;
    if (memory < required.memoryGiB) {
        say(
            `There are ${memory.toFixed(1)} GiB of memory`,
            `${required.memoryGiB} GiB`,
            "use a larger machine",
        );
    }
    const wanted = machine.warm ? required.warmDiskGiB : required.diskGiB;
    const disk = machine.freeDiskBytes / 2 ** 30;
    if (disk < wanted) {
        say(
            `There are ${disk.toFixed(1)} GiB free on the disk`,
            `${wanted} GiB`,
            `make room, or set XDG_CACHE_HOME to a larger disk`,
        );
    }
    return problems;
}

/** Versions whose require() loads ECMAScript modules, which some packages are. */
function nodeWillDo(version: string): boolean {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
}

export async function readMachine(warm: boolean): Promise<Machine> {
    const go = await execa("go", ["version"], { reject: false });
    const modules = Object.entries(kernelFiles);
    const probe = await execa("unshare", ["--mount", "--net", "--pid", "--fork", "true"], { reject: false });
    return {
        namespaces: probe.failed ? probe.stderr || probe.shortMessage : undefined,
        missingModules: modules.filter(([, there]) => !there()).map(([name]) => name),
        platform: process.platform,
        architecture: process.arch,
        uid: process.getuid?.(),
        node: process.versions.node,
        go: go.failed ? undefined : go.stdout,
        missing: await missingPrograms(),
        memoryBytes: totalmem(),
        freeDiskBytes: Math.min(
            ...(await Promise.all([checkout, await existing(cacheDir())].map(freeBytes))),
        ),
        warm,
    };
}

/** How to see that a kernel has what may be a module. */
const kernelFiles: Readonly<Record<string, () => boolean>> = {
    br_netfilter: () => existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables"),
    overlay: () => readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n"),
};

/** The Go version that local/go/go.mod asks for. */
function goDirective(): string {
    const text = readFileSync(resolve(__dirname, "go/go.mod"), "utf8");
    return text.match(/^go (\S+)$/m)?.[1] ?? "";
}

/** Compares dotted versions number by number. */
export function isOlder(version: string, than: string): boolean {
    const [a, b] = [version, than].map((text) => text.split(".").map(Number));
    for (const index of [0, 1, 2]) {
        const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
        if (difference !== 0) return difference < 0;
    }
    return false;
}

/** Programs of the host that start-up uses, by the Debian package that has them. */
export const hostPrograms: Readonly<Record<string, string>> = {
    mmdebstrap: "mmdebstrap",
    nsenter: "util-linux",
    tar: "tar",
};

async function missingPrograms(): Promise<string[]> {
    const canInstall = await onPath("apt-get");
    if (canInstall) return [];
    const found = await Promise.all(
        Object.keys(hostPrograms).map(async (name) => ((await onPath(name)) ? "" : name)),
    );
    return found.filter(Boolean);
}

export async function onPath(program: string): Promise<boolean> {
    return !(await execa("sh", ["-c", 'command -v "$0"', program], { reject: false })).failed;
}

/** Installs programs that are missing, from the Debian packages that have them. */
export async function installHostPrograms(programs = hostPrograms): Promise<void> {
    const missing = [];
    for (const [program, debianPackage] of Object.entries(programs)) {
        if (!(await onPath(program))) missing.push(debianPackage);
    }
    if (missing.length === 0) return;
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await execa("apt-get", ["update"], { env, stdin: "ignore" });
    await execa("apt-get", ["install", "--yes", "--no-install-recommends", ...missing], {
        env,
        stdin: "ignore",
    });
}

async function freeBytes(path: string): Promise<number> {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
}

async function existing(path: string): Promise<string> {
    return statfs(path).then(
        () => path,
        () => existing(path.slice(0, path.lastIndexOf("/")) || "/"),
    );
}

/**
 * Host ports for the endpoints: the usual ones where they are free, else any;
 * one asked for by name must be free. All problems at once.
 */
export async function choosePorts(asked: Partial<Ports>): Promise<Ports> {
    const problems: string[] = [];
    const chosen: Partial<Record<EndpointName, number>> = {};
    for (const name of Object.keys(endpoints) as EndpointName[]) {
        const wish = asked[name];
        if (wish !== undefined && !(await free(wish))) {
            problems.push(`port ${wish} for ${name} is taken; give a free one, or none for any`);
        }
        chosen[name] =
            wish ??
            (await getPort({
                port: endpoints[name].usualPort,
                host: "127.0.0.1",
                exclude: Object.values(chosen),
            }));
    }
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return chosen as Ports;
}

function free(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer()
            .once("error", () => resolve(false))
            .listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
}
