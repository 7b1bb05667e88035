import type { Deployer, Deployment, Outcome } from "./deployer";
import { added, replaced, type Snapshot, snapshot } from "./snapshot";

/** One thing that was to be proven of a subject. */
export interface Check {
    readonly step: Step;
    /** Why it does not hold; undefined where it does. */
    readonly failure?: string;
    readonly seconds: number;
}

export type Step = "install" | "no change" | "destroy" | "upgrade";

/** What is verified: a program, installed from a directory of charts. */
export interface Subject {
    readonly name: string;
    /** As it is to be in the end. */
    readonly deployment: Deployment;
    /** The same with the charts' previous versions; undefined where the directory has none. */
    readonly previous?: Deployment;
    /** Does before an upgrade what the charts' hooks do there: their pods are simulated, and so do nothing. */
    readonly upgradeHooks?: () => Promise<void>;
    /** What may stay after a destroy, by its identity `group/Kind/namespace/name`; documented where it is declared. */
    readonly leaves: RegExp;
}

export interface Verification {
    readonly name: string;
    readonly checks: readonly Check[];
    /** Objects that it declares; undefined where the engine does not tell. */
    readonly objects?: number;
    /** What stayed, as documented. */
    readonly left: readonly string[];
}

export interface Verifier {
    readonly deployer: Deployer;
    readonly kubeconfig: string;
    /** Removes what stayed, so that the next subject starts from the same cluster. */
    readonly sweep: (identities: readonly string[]) => Promise<void>;
    readonly say: (text: string) => void;
}

/**
 * Installs a subject, runs it again, destroys it; then installs its previous versions, upgrades them, and
 * destroys that. Steps after a failed install are not tried, and are no checks.
 */
export async function verify(subject: Subject, verifier: Verifier): Promise<Verification> {
    const { deployer, kubeconfig } = verifier;
    const { name, deployment, previous, leaves } = subject;
    const checks: Check[] = [];
    const check = (step: Step, seconds: number, problems: readonly string[]) => {
        checks.push({ step, seconds, ...(problems.length > 0 && { failure: problems.join("\n") }) });
        verifier.say(
            `${name}: ${step} ${seconds.toFixed(1)} s${problems.map((text) => `\n  ✘ ${text}`).join("")}`,
        );
        return problems.length === 0;
    };
    const before = await snapshot(kubeconfig);
    let left: string[] = [];
    const destroy = async () => {
        const { seconds, failures } = await deployer.destroy(deployment);
        left = added(before, await snapshot(kubeconfig));
        const stayed = left
            .filter((identity) => !leaves.test(identity))
            .map((identity) => `left: ${identity}`);
        check("destroy", seconds, [...failures, ...stayed]);
        await verifier.sweep(left);
    };

    const installed = await deployer.up(deployment);
    if (check("install", installed.seconds, installed.failures)) {
        const again = await deployer.unchanged(deployment);
        check("no change", again.seconds, again.failures);
    }
    await destroy();
    const documented = left;
    if (previous && checks.every(({ failure }) => failure === undefined)) {
        const old = await deployer.up(previous);
        const stood = await snapshot(kubeconfig);
        await subject.upgradeHooks?.();
        const upgraded = old.failures.length > 0 ? old : await deployer.up(deployment);
        const lost = replacedStores(stood, await snapshot(kubeconfig));
        check("upgrade", upgraded.seconds, [...upgraded.failures, ...lost]);
        await destroy();
    }
    return { name, checks, left: documented, ...objectsOf(installed) };
}

/** StatefulSets and claims that an upgrade made anew, or lost: with them goes data. */
function replacedStores(before: Snapshot, after: Snapshot): string[] {
    const store = /^(apps\/StatefulSet|\/PersistentVolumeClaim)\//;
    const gone = [...before.keys()].filter((identity) => store.test(identity) && !after.has(identity));
    return [
        ...replaced(before, after)
            .filter((identity) => store.test(identity))
            .map((identity) => `replaced: ${identity}`),
        ...gone.map((identity) => `deleted: ${identity}`),
    ];
}

function objectsOf({ objects }: Outcome) {
    return objects === undefined ? {} : { objects };
}
