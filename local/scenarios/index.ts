import { gpu } from "./gpu";
import { hash } from "./hash";
import { llm } from "./llm";
import { logs } from "./logs";
import { queue } from "./queue";
import type { Scenario } from "./scenario";
import { smoke } from "./smoke";
import { web } from "./web";

/** All scenarios, in the order in which they are listed and run; a new one has its place here, and a page in docs/scenarios. */
export const scenarios: readonly Scenario[] = [queue, web, hash, llm, gpu, smoke, logs];

/** What runs where nobody says. */
export const usualScenario = queue.name;

/** In place of a name: the list, and nothing runs. */
export const listOnly = "list";

/**
 * The scenarios of a name; of `all` all of them, of `list` none.
 *
 * @throws Error with the list where there is none of that name.
 */
export function scenariosNamed(name: string): readonly Scenario[] {
    if (name === listOnly) return [];
    const found = scenarios.filter((scenario) => name === "all" || scenario.name === name);
    if (found.length === 0)
        throw new Error(
            `There is no scenario "${name}". These are there; \`make demo S=<name>\` runs one:\n${scenarioList().join("\n")}`,
        );
    return found;
}

/** A line for each scenario, and one for all of them; what is about to run is marked. */
export function scenarioList(chosen: readonly Scenario[] = []): string[] {
    const line = (mark: boolean, name: string, title: string) =>
        `${mark ? "▶" : " "} ${name.padEnd(6)} ${title}`;
    return [
        ...scenarios.map((scenario) => line(chosen.includes(scenario), scenario.name, scenario.title)),
        line(chosen.length > 1, "all", "one after the other"),
    ];
}
