import { lastChange } from "../chain/changed";
import { valueOr } from "../read/answer";
import type { Named } from "../read/objects";
import type { SignalFacts, Snapshot } from "../snapshot";
import type { PrometheusFacts } from "../snapshot-source";
import { isYoung } from "./common";

/**
 * Milliseconds from a change of a monitor or rule until Prometheus has it: the operator writes a Secret, the kubelet
 * copies it within a minute or so, and the reloader looks for it every 3 minutes where it is not told.
 */
const taken = 270_000;

/** Whether an object was changed so lately that Prometheus has not read its configuration since. */
export function isSettling(
    object: Named | undefined,
    prometheus: PrometheusFacts | undefined,
    now: number,
): boolean {
    const changed = lastChange(object);
    if (changed === undefined || now - changed > taken || !prometheus?.runtime.ok) return false;
    if (prometheus.operatorRuns === false) return false;
    const read = Date.parse(prometheus.runtime.value.lastConfigTime ?? "");
    return !Number.isFinite(read) || read <= changed;
}

/** Whether a signal has no value yet because a part of its way was only just made. */
export function isBeginning({ rules, sources, prometheus }: SignalFacts, { now }: Snapshot): boolean {
    return (
        rules.some(({ object, loaded }) => !loaded && isSettling(object, prometheus, now)) ||
        sources.some(
            (source) =>
                valueOr(source.present, []).length === 0 &&
                valueOr(source.loose, []).length === 0 &&
                (isYoung(source, now) ||
                    (source.targets.length === 0 &&
                        source.monitors.some(({ object }) => isSettling(object, prometheus, now)))),
        )
    );
}
