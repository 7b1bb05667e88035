import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeEnvironment, type Environment } from "../bench/environment";
import { writeSection } from "../bench/report";
import { fileTime } from "../demo/report";
import { reportPage } from "../report-page";
import type { Figure, Outcome, Scenario } from "./scenario";

export interface ReportFiles {
    readonly html: string;
    readonly json: string;
}

const head = ["figure", "wanted", "measured", "met"] as const;

/** Writes a run as a page and as data, `<scenario>-<time>.html` and `.json`; the folder is made if need be. */
export async function writeReport(
    scenario: Scenario,
    outcome: Outcome,
    where: Environment,
    folder: string,
): Promise<ReportFiles> {
    await mkdir(folder, { recursive: true });
    const name = join(folder, `${scenario.name}-${fileTime(outcome.startedAt)}`);
    const files = { html: `${name}.html`, json: `${name}.json` };
    const { figures, data, startedAt } = outcome;
    const json = { scenario: scenario.name, startedAt, environment: where, figures, data };
    await writeFile(files.json, `${JSON.stringify(json, null, 2)}\n`);
    const place = describeEnvironment(where);
    const page = reportPage({
        title: scenario.title,
        lines: [scenario.shows, `Run with make demo S=${scenario.name} on ${place}; begun ${startedAt}.`],
        sections: [
            { title: "What was seen", svg: await outcome.picture([place]) },
            { title: "Figures", table: { head, rows: figures.map(cells) } },
        ],
    });
    await writeFile(files.html, page);
    return files;
}

/** Writes the figures into the scenario's page between its markers, and the picture beside it. */
export async function writeDocs(
    scenario: Scenario,
    outcome: Outcome,
    where: Environment,
    folder: string,
): Promise<string> {
    const page = join(folder, `${scenario.name}.md`);
    const picture = `${scenario.name}.svg`;
    await writeFile(join(folder, picture), `${await outcome.picture([describeEnvironment(where)])}\n`);
    const section = `${figuresTable(outcome.figures)}\n\nReproduce with \`make demo S=${scenario.name}\`. Measured on ${describeEnvironment(where)}.\n\n![${scenario.title}](${picture})`;
    await writeSection(page, scenario.name, section);
    return page;
}

/** The figures as a Markdown table. */
export function figuresTable(figures: readonly Figure[]): string {
    const row = (texts: readonly string[]) =>
        `| ${texts.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
    return [row(head), row(head.map(() => "---")), ...figures.map((figure) => row(cells(figure)))].join("\n");
}

/** The figures as lines for a terminal, what is not met marked. */
export function figureLines(figures: readonly Figure[]): string[] {
    return figures.map(({ what, wanted, measured, met }) => {
        const mark = met === undefined ? " " : met ? "✔" : "✘";
        return `${mark} ${what}: ${measured}${met === false ? `, wanted ${wanted}` : ""}`;
    });
}

function cells({ what, wanted, measured, met }: Figure): string[] {
    return [what, wanted ?? "-", measured, met === undefined ? "-" : met ? "yes" : "no"];
}
