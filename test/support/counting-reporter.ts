import { writeFileSync } from "node:fs";
import { type Runner, reporters } from "mocha";

/** The usual report, and the counts as JSON in the file that COUNTS names, for test/run.ts to add up. */
module.exports = class CountingReporter extends reporters.Spec {
    constructor(runner: Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        const skipped: string[] = [];
        runner.on("pending", (test) => skipped.push(test.fullTitle()));
        runner.on("end", () => {
            const { passes = 0, failures = 0 } = runner.stats ?? {};
            if (process.env.COUNTS)
                writeFileSync(process.env.COUNTS, JSON.stringify({ passes, failures, skipped }));
        });
    }
};
