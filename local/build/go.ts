import { existsSync, readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execa, execaSync } from "execa";

const goDir = resolve(__dirname, "../go");

/** Programs of one Go module that are built together. */
export interface GoBuild {
    /** Folder of the module below local/go. */
    readonly module: string;
    /** Package to build, by the name of the program it becomes. */
    readonly programs: Readonly<Record<string, string>>;
    /** Other names the program is called by. */
    readonly links?: Readonly<Record<string, readonly string[]>>;
    /** Version variables to stamp (`-X`), by the module whose pinned version they get. */
    readonly stamp?: (version: (module: string) => string) => Readonly<Record<string, string>>;
    /** Build tags, for programs that can leave parts out. */
    readonly tags?: readonly string[];
    /** Packages a cold build compiles, for the progress bar. */
    readonly packages: number;
}

/** Texts and paths that decide what the build makes. */
export function goInputs(build: GoBuild): { texts: string[]; paths: string[] } {
    const module = join(goDir, build.module);
    const own = Object.values(build.programs)
        .filter((name) => name.startsWith("."))
        .map((name) => join(module, name));
    return {
        texts: [
            JSON.stringify([build.programs, build.links, goArguments(build), goEnvironment]),
            process.arch,
            goVersion(),
        ],
        paths: [
            join(module, "go.mod"),
            ...[join(module, "go.sum")].filter(existsSync),
            ...own.flatMap((path) => (path === module ? [join(module, "main.go")] : [path])),
        ],
    };
}

export function goArguments(build: GoBuild): string[] {
    const stamp = build.stamp?.((module) => pinnedVersion(build.module, module)) ?? {};
    const variables = Object.entries(stamp).map(([name, value]) => `-X ${name}=${value}`);
    // Without debug information: a fifth less time to compile, and nobody debugs these here.
    const tags = build.tags ? [`-tags=${build.tags.join(",")}`] : [];
    return [
        "-trimpath",
        "-gcflags=all=-dwarf=false",
        ...tags,
        `-ldflags=${["-s -w", ...variables].join(" ")}`,
    ];
}

/** The version go.mod pins a module at: the only place where it is written. */
export function pinnedVersion(goModule: string, dependency: string): string {
    const text = readFileSync(join(goDir, goModule, "go.mod"), "utf8");
    const line = text.split("\n").find((candidate) =>
        candidate
            .trim()
            .replace(/^require /, "")
            .startsWith(`${dependency} v`),
    );
    const version = line?.match(/ (v\S+)/)?.[1];
    if (!version) throw new Error(`local/go/${goModule}/go.mod does not require ${dependency}`);
    return version;
}

/** Builds into `dir`; `onPackage` is called for each package compiled. */
export async function goBuild(
    build: GoBuild,
    dir: string,
    log: (line: string) => void,
    onPackage: () => void,
): Promise<void> {
    for (const [program, path] of Object.entries(build.programs)) {
        const made = execa("go", ["build", "-v", ...goArguments(build), "-o", join(dir, program), path], {
            cwd: join(goDir, build.module),
            env: goEnvironment,
            all: true,
            stdin: "ignore",
        });
        for await (const line of made.iterable({ from: "all" })) {
            log(line);
            if (!line.startsWith("go: ")) onPackage();
        }
        await made;
        for (const name of build.links?.[program] ?? []) await symlink(program, join(dir, name));
    }
}

let version: string | undefined;

/** The Go that is installed; another one makes other programs. */
function goVersion(): string {
    version ??= execaSync("go", ["env", "GOVERSION"], { reject: false, env: goEnvironment }).stdout ?? "";
    return version;
}

/** Static programs from exactly what go.mod and go.sum pin, with the Go that is installed. */
export const goEnvironment = {
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
};

/** Copies folders out of a pinned module (CRDs that a release ships), downloading it if need be. */
export async function copyFromModule(
    goModule: string,
    dependency: string,
    folder: string,
    to: string,
    log: (line: string) => void,
): Promise<void> {
    const download = await execa(
        "go",
        ["mod", "download", "-json", `${dependency}@${pinnedVersion(goModule, dependency)}`],
        {
            cwd: join(goDir, goModule),
            env: goEnvironment,
        },
    );
    const { Dir } = JSON.parse(download.stdout) as { Dir: string };
    log(`${dependency}: ${folder}`);
    await mkdir(to, { recursive: true });
    await execa("cp", ["--recursive", "--no-preserve=mode", `${join(Dir, folder)}/.`, to]);
}
