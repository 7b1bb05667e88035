/** A report with pictures: everything in one file, which needs nothing from elsewhere. */
export interface ReportPage {
    readonly title: string;
    /** What was done, where and when: a paragraph each. */
    readonly lines: readonly string[];
    readonly sections: readonly ReportSection[];
}

export interface ReportSection {
    readonly title: string;
    readonly text?: string;
    /** A picture as `svgOf` makes it; it goes in as it is. */
    readonly svg?: string;
    readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** The page as HTML. All text is escaped; pictures are trusted to be ours. */
export function reportPage({ title, lines, sections }: ReportPage): string {
    return [
        "<!doctype html>",
        '<html lang="en">',
        `<head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head>`,
        "<body>",
        `<h1>${escaped(title)}</h1>`,
        ...lines.map((line) => `<p>${escaped(line)}</p>`),
        ...sections.map(section),
        "</body>",
        "</html>",
        "",
    ].join("\n");
}

const style = [
    "body { font: 15px/1.5 Helvetica, Arial, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }",
    "svg { max-width: 100%; height: auto }",
    "table { border-collapse: collapse }",
    "td, th { border: 1px solid #ccc; padding: 0.2em 0.6em; text-align: left }",
].join("\n");

function section({ title, text, svg, table }: ReportSection): string {
    return [
        `<h2>${escaped(title)}</h2>`,
        ...(text === undefined ? [] : [`<p>${escaped(text)}</p>`]),
        ...(svg === undefined ? [] : [svg]),
        ...(table === undefined ? [] : [tableOf(table)]),
    ].join("\n");
}

function tableOf({ head, rows }: NonNullable<ReportSection["table"]>): string {
    const row = (kind: "td" | "th", cells: readonly string[]) =>
        `<tr>${cells.map((cell) => `<${kind}>${escaped(cell)}</${kind}>`).join("")}</tr>`;
    return ["<table>", row("th", head), ...rows.map((cells) => row("td", cells)), "</table>"].join("\n");
}

const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

function escaped(text: string): string {
    return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
