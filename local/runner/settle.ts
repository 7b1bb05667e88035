import { chartInputs, chartLabel, chartResources } from "./chart";
import type { Outcome } from "./events";
import type { ChartInputs } from "./helm";
import type { Journal } from "./journal";
import type { Registration } from "./monitor";
import { chartType, kindOf, label, parseId, passwordType, refusal, releaseType } from "./objects";
import type { Provisioner } from "./provision";
import { isRecord, redact } from "./wire";

/**
 * Settles one resource of the program: done, failed, or skipped because of another.
 *
 * @returns undefined where it failed or was skipped.
 * @throws Error for a read that failed: the SDK has no other answer to one.
 */
export async function settle(
    registration: Registration,
    provisioner: Provisioner,
    journal: Journal,
    preview: boolean,
): Promise<Outcome | undefined> {
    const { urn, type, custom, remote, inputs, unsupported } = registration;
    if (journal.has(urn)) {
        journal.programFailed(`Two resources have the URN ${urn}: give one of them another name.`);
        return undefined;
    }
    const silent = !custom || type.startsWith("pulumi:providers:");
    journal.start(urn, titleOf(registration), silent, registration.parent);
    try {
        const refused = refusal(type, custom, remote);
        if (refused || unsupported.length > 0) {
            throw new Error(
                refused ?? `this runner has not ${unsupported.join(", ")}: use the Pulumi CLI for that.`,
            );
        }
        if (!custom && type !== chartType) {
            return { operation: "unchanged", id: "", state: {} };
        }
        const broken = journal.brokenAmong(registration.dependencies);
        if (broken || (!preview && inputs.unknownPaths.length > 0)) {
            journal.skipped(urn, broken ?? `${inputs.unknownPaths.join(", ")}, which never became known`);
            return undefined;
        }
        if (type === chartType) {
            return await settleChart(registration, provisioner, journal, preview);
        }
        const outcome = await provisioner.run(registration, (reason) => journal.progress(urn, reason));
        if (!silent) {
            const note = outcome.note && redact(outcome.note, inputs.secrets);
            journal.done(urn, outcome.operation, outcome.diff, note);
        }
        return outcome;
    } catch (error) {
        const message = redact((error as Error).message, inputs.secrets);
        journal.failed(urn, message);
        if (registration.readId !== undefined) {
            throw new Error(message);
        }
        return undefined;
    }
}

/** Renders a chart and settles its objects, wave by wave; those of one wave together. */
async function settleChart(
    chart: Registration,
    provisioner: Provisioner,
    journal: Journal,
    preview: boolean,
): Promise<Outcome> {
    const inputs = chartInputs(chart);
    for (const wave of chartResources(chart, inputs, await provisioner.render(inputs))) {
        const settled = await Promise.all(wave.map((child) => settle(child, provisioner, journal, preview)));
        const failed = settled.filter((outcome) => outcome === undefined).length;
        if (failed > 0) {
            throw new Error(`${failed} of its objects failed; those that come after them were not tried.`);
        }
    }
    return { operation: "unchanged", id: "", state: { resources: [] } };
}

function titleOf(registration: Registration): string {
    const { type, name, custom, readId, inputs } = registration;
    if (type === chartType || type === releaseType) {
        return chartLabel(type, { ...inputs.value, name } as unknown as ChartInputs);
    }
    const short = type.split(":").pop() ?? type;
    if (!custom || type === passwordType || type.startsWith("pulumi:providers:")) {
        return `${short} ${name}`;
    }
    if (readId !== undefined) {
        return label({ kind: kindOf(type).kind, ...parseId(readId) });
    }
    const metadata = isRecord(inputs.value.metadata) ? inputs.value.metadata : {};
    const namespace = typeof metadata.namespace === "string" ? metadata.namespace : undefined;
    return label({ kind: short, namespace, name: typeof metadata.name === "string" ? metadata.name : name });
}
