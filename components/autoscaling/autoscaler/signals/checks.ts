import { checkName, checkWhole, type Problem } from "../../../problems";

/** What every signal has. */
export interface CommonSignalArgs {
    /** Its name, unique in the autoscaler. @default that of its kind, such as "requests" */
    readonly name?: string | undefined;
    /**
     * How often its source is scraped, in seconds, 1 to 300. Say what its monitor says: with less than that the series would
     * count as stale between two scrapes. @default 30, which the prometheus-operator takes where nobody says otherwise
     */
    readonly scrapeSeconds?: number | undefined;
}

/** Seconds between two scrapes where nothing is said. */
export const defaultScrapeSeconds = 30;

/** Problems with what every signal has. */
export function checkCommon({ name, scrapeSeconds }: CommonSignalArgs): Problem[] {
    return [...checkName("name", name), ...checkWhole("scrapeSeconds", scrapeSeconds, 1, 300)];
}

/** The problem with an amount for each replica, if there is one. */
export function checkTarget(property: string, given: number): Problem[] {
    return typeof given === "number" && Number.isFinite(given) && given >= 0.001
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a number of 0.001 or more",
                  fix: "say how much of the demand one replica takes",
              },
          ];
}

/** The problem with a share in percent, if there is one. */
export function checkPercent(property: string, given: number): Problem[] {
    return Number.isInteger(given) && given >= 1 && given <= 1000
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "a whole number of percent from 1 to 1000",
                  fix: "choose one; 50 to 80 leave room for what comes while new replicas start",
              },
          ];
}

/** The problem with a text that there has to be, if there is one. */
export function checkNeeded(property: string, given: string, what: string): Problem[] {
    return typeof given === "string" && given.trim() !== ""
        ? []
        : [{ property, given, allowed: what, fix: "write it: it has no default" }];
}

/** The problem with the name of a metric, if there is one. */
export function checkMetric(property: string, given: string | undefined): Problem[] {
    return given === undefined || (typeof given === "string" && /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(given))
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "the name of a counter, such as http_requests_total",
                  fix: "write the name alone; labels go into labels, other expressions into signals.promql",
              },
          ];
}

/** The problem with a label's value that must not be empty, if there is one. */
export function checkText(property: string, given: string | undefined, what: string): Problem[] {
    return given === undefined || (typeof given === "string" && given.trim() !== "")
        ? []
        : [{ property, given, allowed: what, fix: "write it, or leave it out where it has a default" }];
}
