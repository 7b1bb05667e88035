import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { Problem } from "../problems";
import { type ChartKey, charts } from "./pins";

/** Where charts come from, when not from where upstream publishes them. */
export interface ChartSource {
    /**
     * One place for all charts: a directory with `<name>-<version>.tgz` archives or unpacked `<name>` directories,
     * an OCI prefix (`oci://registry.example/charts`), or an HTTP repository (`https://charts.example`).
     * @default each chart's own location
     */
    readonly mirror?: string | undefined;
    /** Exact versions instead of those of the table. @default the table's */
    readonly versions?: Partial<Readonly<Record<ChartKey, string>>> | undefined;
}

/** Arguments by which Helm, and so Pulumi, finds a chart. */
export interface ChartLocation {
    readonly chart: string;
    readonly version?: string;
    readonly repositoryOpts?: { readonly repo: string };
}

/**
 * Where a chart is found, in the form that `helm.v4.Chart` and `helm.v3.Release` take.
 *
 * @throws Error when the mirror is a directory and does not hold the chart at that version.
 */
export function chartLocation(key: ChartKey, source: ChartSource = {}): ChartLocation {
    const { name, location } = charts[key];
    const version = chartVersion(key, source);
    const { mirror } = source;
    if (mirror === undefined) {
        return location.startsWith("oci://")
            ? { chart: location, version }
            : { chart: name, version, repositoryOpts: { repo: location } };
    }
    if (mirror.startsWith("oci://")) {
        return { chart: `${mirror.replace(/\/$/, "")}/${name}`, version };
    }
    if (/^https?:\/\//.test(mirror)) {
        return { chart: name, version, repositoryOpts: { repo: mirror } };
    }
    const path = findInDirectory(mirror, name, version);
    if (path === undefined) {
        throw new Error(missingText(mirror, name, version));
    }
    return { chart: path };
}

/** The version that is installed: the table's unless `versions` names another. */
export function chartVersion(key: ChartKey, { versions }: ChartSource = {}): string {
    return versions?.[key] ?? charts[key].version;
}

/** Problems with a source: an unpinned version, a mirror of no known kind, charts that a directory lacks. */
export function checkChartSource(
    property: string,
    source: ChartSource | undefined,
    keys: readonly ChartKey[],
): Problem[] {
    const { mirror, versions = {} } = source ?? {};
    return [
        ...Object.entries(versions).flatMap(([key, version]) => [
            ...checkChartKey(`${property}.versions.${key}`, key),
            ...checkChartVersion(`${property}.versions.${key}`, version),
        ]),
        ...(mirror === undefined ? [] : checkMirror(`${property}.mirror`, mirror, source ?? {}, keys)),
    ];
}

/** The charts, as they are called where a version is set. */
export const chartKeys = Object.keys(charts) as [ChartKey, ...ChartKey[]];

/** An exact version of a chart. */
export const chartVersionPattern = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** The problem with the name of a chart, if there is one: its version would be ignored. */
function checkChartKey(property: string, given: string): Problem[] {
    return chartKeys.some((key) => key === given)
        ? []
        : [{ property, given, allowed: chartKeys.join(", "), fix: "name one of these charts" }];
}

/** The problem with a chart's version, if there is one: only exact ones are the same tomorrow. */
export function checkChartVersion(property: string, given: string): Problem[] {
    return chartVersionPattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "an exact version such as 1.2.3, no range",
                  fix: "write the one version that was tested",
              },
          ];
}

/** The problems with a mirror: that it is none, or the charts that it lacks. */
export function checkMirror(
    property: string,
    mirror: string,
    source: ChartSource,
    keys: readonly ChartKey[],
): Problem[] {
    if (/^(oci|https?):\/\/[^/]/.test(mirror)) {
        return []; // What is there, only Helm can tell, with its credentials; its error names chart and version.
    }
    if (mirror.includes("://") || !existsSync(mirror)) {
        return [
            {
                property,
                given: mirror,
                allowed:
                    "a directory that exists, an OCI prefix (oci://…), or an HTTP repository (https://…)",
                fix: "correct the path or address",
            },
        ];
    }
    return [...new Set(keys)].flatMap((key) => {
        const { name } = charts[key];
        const version = chartVersion(key, source);
        return findInDirectory(mirror, name, version) !== undefined
            ? []
            : [
                  {
                      property,
                      given: mirror,
                      allowed: `a directory with the chart ${name} ${version}, as ${name}-${version}.tgz or ${name}/`,
                      fix: `put that archive there: helm pull ${pullReference(key)} --version ${version}`,
                  },
              ];
    });
}

/** The path of a chart in a directory of charts. */
function findInDirectory(directory: string, name: string, version: string): string | undefined {
    const archive = resolve(directory, `${name}-${version}.tgz`);
    if (existsSync(archive)) {
        return archive;
    }
    return [`${name}-${version}`, name]
        .map((folder) => resolve(directory, folder))
        .find((folder) => versionInFolder(folder) === version);
}

function versionInFolder(folder: string): string | undefined {
    const file = join(folder, "Chart.yaml");
    return existsSync(file) ? String(parse(readFileSync(file, "utf8"))?.version) : undefined;
}

function missingText(mirror: string, name: string, version: string): string {
    return (
        `the chart mirror ${mirror} has no ${name} ${version}: ` +
        `neither ${name}-${version}.tgz nor a directory ${name} of that version.`
    );
}

function pullReference(key: ChartKey): string {
    const { name, location } = charts[key];
    return location.startsWith("oci://") ? location : `${name} --repo ${location}`;
}
