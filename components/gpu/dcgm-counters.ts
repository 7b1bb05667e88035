import type { Problem } from "../problems";

/** What an exporter is told to count, where it does not keep its own list. */

/** One metric that an exporter is to have, a line of its CSV file. */
export interface DcgmCounter {
    /** Field of DCGM or of the exporter, e.g. `DCGM_FI_PROF_SM_ACTIVE`; the metric's name, too. */
    readonly field: string;
    /** Its type in Prometheus; `label` makes it a label of every metric instead. */
    readonly type: "gauge" | "counter" | "label";
    /** One line without commas and quotation marks. */
    readonly help: string;
}

/** Names of the metrics that an exporter has with these counters; undefined where it keeps its own. */
export function countedMetrics(counters: readonly DcgmCounter[] | undefined): string[] | undefined {
    return counters?.filter(({ type }) => type !== "label").map(({ field }) => field);
}

/** Counters as the exporters read them. */
export function countersCsv(counters: readonly DcgmCounter[]): string {
    return counters.map(({ field, type, help }) => `${field}, ${type}, ${help}\n`).join("");
}

/** Problems with counters: fields that are none, what would break the lines of the CSV, nothing to count. */
export function checkCounters(property: string, counters: readonly DcgmCounter[] | undefined): Problem[] {
    if (counters === undefined) return [];
    const problem = (at: string, given: unknown, allowed: string, fix: string): Problem[] => [
        { property: `${property}${at}`, given, allowed, fix },
    ];
    const fields = counters.map(({ field }) => field);
    return [
        ...(counters.some(({ type }) => type !== "label")
            ? []
            : problem(
                  "",
                  counters,
                  "at least one gauge or counter",
                  `leave ${property} out for the defaults`,
              )),
        ...counters.flatMap(({ field, type, help }, i) => [
            ...(/^DCGM_(FI|EXP)_[A-Z0-9_]+$/.test(field)
                ? []
                : problem(
                      `[${i}].field`,
                      field,
                      "DCGM_FI_… or DCGM_EXP_…",
                      "take it from DCGM's list of fields",
                  )),
            ...(fields.indexOf(field) === i
                ? []
                : problem(`[${i}].field`, field, "each field once", "remove the second one")),
            ...(["gauge", "counter", "label"].includes(type)
                ? []
                : problem(`[${i}].type`, type, "gauge, counter, label", "choose one of these")),
            ...(/^[^,"\r\n]+$/.test(help)
                ? []
                : problem(`[${i}].help`, help, 'one line without , and "', "write it without")),
        ]),
    ];
}
