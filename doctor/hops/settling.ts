import { lastChange } from "../chain/changed";
import { valueOr } from "../read/answer";
import type { Named } from "../read/objects";
import type { PrometheusFacts, SignalFacts, Snapshot } from "../snapshot";
import { isYoung } from "./common";

/** From a change of a monitor or rule until Prometheus has it: the operator, then the kubelet's copy of a Secret. */
const taken = 150_000;

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
                (isYoung(source, now) ||
                    (source.targets.length === 0 &&
                        source.monitors.some(({ object }) => isSettling(object, prometheus, now)))),
        )
    );
}
