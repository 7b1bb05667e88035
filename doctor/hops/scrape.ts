import { age } from "../chain/quantity";
import { broken, type Judgement, none, ok, unknown } from "../judgement";
import { couldNotLook, valueOr } from "../read/answer";
import type { Snapshot } from "../snapshot";
import type { PrometheusFacts, SourceFacts } from "../snapshot-source";
import { atZero, count, eachSource, isUnheardOf, isYoung, ownAtZero, unheardOf } from "./common";
import { isSettling } from "./settling";

/** Prometheus scrapes the source, and the scrapes succeed. */
export function judgeScrape(snapshot: Snapshot): Judgement {
    return eachSource(snapshot, (source, { prometheus }) => {
        if (source.own && atZero(snapshot)) return none(ownAtZero);
        if (!prometheus?.answers.ok) return none("Prometheus does not answer");
        return judgeSource(source, prometheus, snapshot.now);
    });
}

function judgeSource(source: SourceFacts, prometheus: PrometheusFacts, now: number): Judgement {
    const { targets, present } = source;
    const fresh = valueOr(present, []).length > 0;
    if (couldNotLook(prometheus.targets) && !fresh)
        return unknown("targets of Prometheus", prometheus.targets.failure);
    const up = targets.filter(({ health }) => health === "up");
    const [first] = targets;
    if (!first) {
        if (isUnheardOf(source)) return none(unheardOf(source));
        if (fresh) return ok("no target of its own, but its series are there");
        const late = source.monitors.some(({ object }) => isSettling(object, prometheus, now));
        if (late || isYoung(source, now))
            return ok(`its ${late ? "monitor was" : "pods have"} just ${late ? "changed" : "started"}`, [
                "not scraped yet",
            ]);
        const refused = prometheus.runtime.ok && prometheus.runtime.value.reloadConfigSuccess === false;
        return broken(
            refused
                ? "Prometheus refused its last configuration, and has no target for the source"
                : prometheus.operatorRuns === false
                  ? "Prometheus has no target for the source: the prometheus-operator, which brings it there, does not run"
                  : "Prometheus has no target for the source",
            refused
                ? "See Prometheus' log for what is wrong in its configuration."
                : "See whether the prometheus-operator runs, and whether Prometheus may list Services, pods and EndpointSlices of the namespace.",
            `${count(valueOr(prometheus.targets, []).length, "active target")}, none of the source`,
        );
    }
    const evidence = targets.slice(0, 3).map(({ scrapeUrl, health, lastError, lastScrape }) => {
        const error = lastError ? `: ${lastError}` : "";
        const since = (now - Date.parse(lastScrape)) / 1000;
        // Go's zero time: never.
        const when = since < 1e9 ? `${age(since)} ago` : "not yet scraped";
        return `${scrapeUrl} ${health}, ${when}${error}`;
    });
    if (up.length > 0) {
        const rest = targets.length - up.length;
        return ok(evidence, rest > 0 ? [`${rest} of ${targets.length} targets are not up`] : []);
    }
    const down = targets.find(({ health }) => health === "down");
    if (!down || isYoung(source, now)) return ok(evidence, ["not scraped yet"]);
    return broken(
        `Prometheus cannot scrape ${down.scrapeUrl}: ${down.lastError}`,
        scrapeFix(down.lastError),
        evidence,
    );
}

function scrapeFix(error: string): string {
    if (/deadline|timeout/i.test(error))
        return "The endpoint takes longer than scrapeTimeout: make it answer faster, or raise both interval and scrapeTimeout of the monitor.";
    if (/\b(401|403)\b/.test(error))
        return "Give the monitor the credentials that the endpoint asks for (authorization, basicAuth, oauth2).";
    if (/x509|certificate|tls/i.test(error))
        return "Set scheme and tlsConfig of the monitor as the endpoint serves it.";
    if (/404/.test(error)) return "Correct the path of the monitor's endpoint.";
    if (/sample limit|label.*limit|body size/i.test(error))
        return "Raise the limit that the monitor sets, or let the endpoint give less.";
    if (/refused|no route|i\/o timeout/i.test(error))
        return "Let Prometheus reach the pods at this port: see their NetworkPolicies, and whether they listen.";
    return "Make the endpoint answer as the error asks.";
}
