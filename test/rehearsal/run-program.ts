import type { Deployment } from "../../local/verify/deployer";
import { runnerOf } from "./support";

/** `run-program.ts up|destroy DEPLOYMENT`: a run in a process of its own, for a test to kill. */
const [command, text = ""] = process.argv.slice(2);
const runner = runnerOf(JSON.parse(text) as Deployment);
(command === "destroy" ? runner.destroy() : runner.up()).then(({ failures }) => {
    for (const failure of failures) console.error(failure);
    process.exitCode = failures.length > 0 ? 1 : 0;
});
