import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { installHostPrograms } from "../local/preflight";

/**
 * All of `make test`: types and lint count as one test each, a mocha suite as
 * many as it has. Later steps run after a failed one, except the suites on clusters,
 * whose failures would only repeat what the quick ones said.
 */
const scratch = mkdtempSync(join(tmpdir(), "kube-observability-test-"));
let passed = 0;
const failed: string[] = [];
const skipped: string[] = [];

async function check(title: string, command: string, ...args: string[]): Promise<void> {
    console.log(`\n== ${title}`);
    const run = await execa(command, args, { stdio: "inherit", reject: false, preferLocal: true });
    if (run.exitCode === 0) passed++;
    else failed.push(title);
}

async function suite(title: string, config: string): Promise<void> {
    console.log(`\n== ${title}`);
    const counts = join(scratch, `${title}.json`.replaceAll(" ", "-"));
    const args = ["--config", config, "--reporter", "test/support/counting-reporter.ts"];
    const run = await execa("mocha", args, {
        stdio: "inherit",
        reject: false,
        preferLocal: true,
        env: { COUNTS: counts },
    });
    // A suite that ended without counts has crashed, whatever its exit status.
    const ran = existsSync(counts)
        ? JSON.parse(readFileSync(counts, "utf8"))
        : { passes: 0, failed: [], skipped: [] };
    passed += ran.passes;
    if (run.exitCode !== 0 && ran.failed.length === 0) ran.failed.push(`${title} ended with ${run.exitCode}`);
    failed.push(...ran.failed);
    skipped.push(...ran.skipped);
}

async function main(): Promise<void> {
    await installHostPrograms({ python3: "python3" }); // for the tests of the queue's apps
    await check("types", "tsc", "--noEmit");
    await check("lint and format", "biome", "check", "--error-on-warnings", ".");
    await suite("unit", ".mocharc.yaml");
    if (failed.length > 0)
        console.log("\nThe suites on clusters did not run: mend the failures above first.");
    else {
        // With nothing cached this compiles for a quarter of an hour; the suite's own steps are short.
        await check("parts of the cluster", "node", "--require", "ts-node/register", "local/cli.ts", "build");
        await suite("cluster", "test/cluster/.mocharc.yaml");
        await suite("rehearsal", "test/rehearsal/.mocharc.yaml");
    }
    for (const title of skipped) console.log(`skipped: ${title}`);
    // Said again here, because what a suite said is far up by now.
    for (const title of failed) console.log(`failed: ${title}`);
    console.log(
        `\n${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
    );
    process.exitCode = failed.length > 0 ? 1 : 0;
}

main().finally(() => rmSync(scratch, { recursive: true }));
