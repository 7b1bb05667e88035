import { readFile, writeFile } from "node:fs/promises";
import { describeEnvironment, type Environment } from "./environment";
import type { Figure } from "./figures";

/** Figures as a Markdown table, below them the command that measures them again and where this was. */
export function figuresMarkdown(figures: readonly Figure[], reproduce: string, where: Environment): string {
    const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
    const rows = figures.map(({ figure, target, measured, met }) => {
        const verdict = met === null ? "-" : met ? "yes" : "**no**";
        return `| ${[figure, target, measured, verdict].map(cell).join(" | ")} |`;
    });
    return [
        "| figure | target | measured (min / median / max) | met |",
        "| --- | --- | --- | --- |",
        ...rows,
        "",
        `Reproduce with \`${reproduce}\`. Measured on ${describeEnvironment(where)}.`,
    ].join("\n");
}

/**
 * Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`, and nothing else.
 * A text without these markers gets them, with the section, at its end.
 * @throws Error where only one of the markers is there, or one is there twice: guessing could lose text
 */
export function replaceSection(text: string, name: string, section: string): string {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const begins = text.split(begin).length - 1;
    const ends = text.split(end).length - 1;
    const block = `${begin}\n\n${section}\n\n${end}`;
    if (begins === 0 && ends === 0) {
        return `${text.trimEnd()}${text.trim() === "" ? "" : "\n\n"}${block}\n`;
    }
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (begins !== 1 || ends !== 1 || to < from) {
        throw new Error(`The markers "${begin}" and "${end}" must both be there once, in this order.`);
    }
    return text.slice(0, from) + block + text.slice(to + end.length);
}

/** Writes a section into a file, which is made if need be. */
export async function writeSection(file: string, name: string, section: string): Promise<void> {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") {
            return "# Benchmarks\n";
        }
        throw error;
    });
    await writeFile(file, replaceSection(text, name, section));
}
