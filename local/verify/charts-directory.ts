import { readdirSync } from "node:fs";
import { type ChartKey, charts } from "../../components/charts/pins";

/**
 * The versions just before those of the table, as far as a directory has archives of them.
 *
 * @returns only charts for which there is one.
 */
export function previousVersions(
    directory: string,
    keys: readonly ChartKey[],
): Partial<Record<ChartKey, string>> {
    const files = readdirSync(directory);
    const found = keys.map((key) => {
        const { name, version } = charts[key];
        const archive = new RegExp(`^${escaped(name)}-(v?\\d+\\.\\d+\\.\\d+[-.\\w]*)\\.tgz$`);
        const older = files
            .flatMap((file) => archive.exec(file)?.[1] ?? [])
            .filter((candidate) => compare(candidate, version) < 0)
            .sort(compare);
        return [key, older.at(-1)] as const;
    });
    return Object.fromEntries(found.filter(([, version]) => version !== undefined));
}

/** Versions in order: by their three numbers, a pre-release before its release. */
export function compare(a: string, b: string): number {
    const numbers = (version: string) =>
        version.replace(/^v/, "").split(/[-+]/)[0]?.split(".").map(Number) ?? [];
    const [left, right] = [numbers(a), numbers(b)];
    const different = left.findIndex((number, index) => number !== right[index]);
    return different >= 0
        ? (left[different] ?? 0) - (right[different] ?? 0)
        : Number(b.includes("-")) - Number(a.includes("-"));
}

function escaped(text: string): string {
    return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
