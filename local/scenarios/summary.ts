import { type Scenario, SwitchedOff } from "./scenario";

/** What became of a scenario: as wanted, not so (or not run to its end), or not there because it is switched off. */
export type Verdict = "met" | "missed" | "off";

/**
 * Runs one after the other, whatever becomes of those before.
 *
 * @param run whether it went as wanted
 * @param say is told why one could not be run
 * @throws what `run` throws, where there is only one to run: nobody asked for anything else
 */
export async function runEach(
    scenarios: readonly Scenario[],
    run: (scenario: Scenario) => Promise<boolean>,
    say: (line: string) => void,
): Promise<ReadonlyMap<string, Verdict>> {
    const verdicts = new Map<string, Verdict>();
    for (const scenario of scenarios) {
        try {
            verdicts.set(scenario.name, (await run(scenario)) ? "met" : "missed");
        } catch (error) {
            if (scenarios.length === 1) throw error;
            verdicts.set(scenario.name, error instanceof SwitchedOff ? "off" : "missed");
            say(`${error instanceof Error ? error.message : error}\n`);
        }
    }
    return verdicts;
}

/** All of them in a line. Good is what has run as wanted; what did not run is no part of it, and nothing at all is not good. */
export function summary(verdicts: ReadonlyMap<string, Verdict>): {
    readonly good: boolean;
    readonly line: string;
} {
    const of = (wanted: Verdict) => [...verdicts].flatMap(([name, one]) => (one === wanted ? [name] : []));
    const [met, missed, off] = [of("met"), of("missed"), of("off")];
    const not = missed.length === 0 ? "" : `, not ${missed.join(", ")}`;
    const without = off.length === 0 ? "" : `; switched off, and not run: ${off.join(", ")}`;
    return {
        good: missed.length === 0 && met.length > 0,
        line: `${met.length} of ${met.length + missed.length} scenarios went as wanted${not}${without}`,
    };
}
