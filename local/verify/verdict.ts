import { join } from "node:path";
import pc from "picocolors";
import { writeSection } from "../bench/report";
import { checkout } from "../instance";

/** What was found, as a table for the docs and as counts. */
export interface Findings {
    readonly table: string;
    readonly total: number;
    readonly failed: number;
    /** Section of the page to write the table into. @default none */
    readonly section?: string | undefined;
    /** The page, below the checkout. @default docs/compatibility.md */
    readonly file?: string;
}

/** Shows findings and ends with the line `N passed, N failed`; the exit status is 1 where any failed. */
export async function conclude({ table, total, failed, section, file: page }: Findings): Promise<void> {
    console.log(`\n${table}\n`);
    if (section !== undefined) {
        const file = join(checkout, page ?? "docs/compatibility.md");
        await writeSection(file, section, table);
        console.log(`Written to ${file}.`);
    }
    const line = `${total - failed} passed, ${failed} failed`;
    console.log(failed === 0 ? pc.green(line) : pc.red(line));
    if (failed > 0) process.exitCode = 1;
}
