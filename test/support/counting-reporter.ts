import { writeFileSync } from "node:fs";
import { type Runner, reporters } from "mocha";

/** The usual report, and as JSON how many passed and which did not, in the file that COUNTS names, for test/run.ts. */
module.exports = class CountingReporter extends reporters.Spec {
    constructor(runner: Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        const skipped: string[] = [];
        const failed: string[] = [];
        runner.on("fail", (test, { message }: Error) =>
            failed.push(`${test.fullTitle()}: ${message.split("\n")[0]}`),
        );
        runner.on("pending", (test) => skipped.push(test.fullTitle()));
        runner.on("end", () => {
            const passes = runner.stats?.passes ?? 0;
            if (process.env.COUNTS)
                writeFileSync(process.env.COUNTS, JSON.stringify({ passes, failed, skipped }));
        });
    }
};
