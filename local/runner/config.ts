import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { isRecord } from "./wire";

/** What the Pulumi CLI would read before it starts a program. */
export interface Project {
    readonly name: string;
    /** Path of the program. */
    readonly program: string;
    /** Values by `project:key`, as `pulumi.runtime.setAllConfig` takes them: text, structures as JSON. */
    readonly config: Record<string, string>;
}

interface ProjectFile {
    name?: string;
    main?: string;
    config?: Record<string, unknown>;
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` of a directory.
 *
 * @throws Error naming a missing file, a missing value, or an encrypted one, which only the Pulumi CLI can read.
 */
export function readProject(directory: string, stack: string): Project {
    const project = readYaml(join(directory, "Pulumi.yaml")) as ProjectFile;
    const stackPath = join(directory, `Pulumi.${stack}.yaml`);
    const stackFile = readYaml(stackPath) as { config?: Record<string, unknown> };
    if (!project.name) {
        throw new Error(`${join(directory, "Pulumi.yaml")} has no "name".`);
    }
    const main = resolve(directory, project.main ?? "index.ts");
    const program = /\.[cm]?[jt]s$/.test(main) ? main : join(main, "index.ts");
    const config = stackConfig(project.name, project.config ?? {}, stackFile.config ?? {}, stackPath);
    return { name: project.name, program, config };
}

/** Declared defaults, overlaid by the stack's values; keys without a namespace are the project's. */
export function stackConfig(
    project: string,
    declared: Record<string, unknown>,
    values: Record<string, unknown>,
    where: string,
): Record<string, string> {
    const full = (key: string) => (key.includes(":") ? key : `${project}:${key}`);
    const config: Record<string, string> = {};
    const set = (key: string, value: unknown) => {
        if (!key.startsWith("pulumi:")) {
            config[full(key)] = typeof value === "string" ? value : JSON.stringify(value);
        }
    };
    for (const [key, declaration] of Object.entries(declared)) {
        const value = isRecord(declaration) ? (declaration.value ?? declaration.default) : declaration;
        if (value !== undefined && value !== null) {
            set(key, value);
        }
    }
    for (const [key, value] of Object.entries(values)) {
        if (hasSecure(value)) {
            throw new Error(
                `${where}: "${key}" is encrypted ("secure:"), which needs the Pulumi CLI and the stack's passphrase. ` +
                    "Give this stack a plain value, or run it with the Pulumi CLI.",
            );
        }
        set(key, value);
    }
    const missing = Object.keys(declared).filter(
        (key) => isRecord(declared[key]) && config[full(key)] === undefined,
    );
    if (missing.length > 0) {
        throw new Error(
            `${where}: no value for ${missing.join(", ")}, which Pulumi.yaml declares without a default.`,
        );
    }
    return config;
}

function hasSecure(value: unknown): boolean {
    if (isRecord(value) && typeof value.secure === "string" && Object.keys(value).length === 1) {
        return true;
    }
    return typeof value === "object" && value !== null && Object.values(value).some(hasSecure);
}

function readYaml(path: string): object {
    if (!existsSync(path)) {
        throw new Error(`${path} does not exist. Stacks are files Pulumi.<stack>.yaml beside Pulumi.yaml.`);
    }
    return parse(readFileSync(path, "utf8")) ?? {};
}
