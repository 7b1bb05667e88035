import { runtime } from "@pulumi/pulumi";
import { Api } from "./api";
import type { Report } from "./events";
import { Helm } from "./helm";
import { type Entry, Inventory, identity } from "./inventory";
import { Journal } from "./journal";
import { readKubeConfig } from "./kubeconfig";
import { connect, type Registration } from "./monitor";
import { label } from "./objects";
import type { RunnerOptions } from "./options";
import { errorText, runProgram } from "./program";
import { Provisioner } from "./provision";
import { removeAll } from "./removal";
import { settle } from "./settle";

export { type Project, readProject, stackConfig } from "./config";
export type { Operation, Report, RunEvent } from "./events";
export type { Gate, RunnerOptions } from "./options";
export { printable } from "./wire";

/** Said at the start of every run, so that nobody takes this for more than it is. */
export const notice =
    "Running the program in this process. This is not the Pulumi engine: no state file, no history, no lock, no " +
    "provider plugins; Kubernetes objects are applied server-side and remembered in an inventory in the cluster.";

/**
 * Runs a Pulumi program in this process, against one cluster. The SDK keeps its state in globals: run one
 * command at a time in a process; one after the other works, and each run loads the program anew.
 */
export class Runner {
    constructor(private readonly options: RunnerOptions) {}

    /** Brings the cluster to what the program declares; after a run without failure, deletes what it no longer does. */
    up(): Promise<Report> {
        return this.session(false, (session) => this.program(session));
    }

    /** Says what `up` would do, by dry runs of the API server. Writes nothing. */
    preview(): Promise<Report> {
        return this.session(true, (session) => this.program(session));
    }

    /** Deletes all that `up` has ever made for this stack, then the stack's own records. Does not load the program. */
    destroy(): Promise<Report> {
        return this.session(false, async (session) => {
            const { inventory, journal } = session;
            await this.remove(session, inventory.all());
            if (journal.ok) {
                await inventory.destroy();
            }
            return {};
        });
    }

    /** Stack outputs of the last successful `up`, secrets marked; undefined where there was none. */
    async outputs(): Promise<Record<string, unknown> | undefined> {
        const api = await this.connectApi();
        try {
            return await new Inventory(api, this.options.project, this.options.stack, true).readOutputs();
        } finally {
            api.close();
        }
    }

    private async program(session: Session): Promise<Record<string, unknown>> {
        const { api, helm, inventory, journal, preview } = session;
        const { program, project, stack, config = {} } = this.options;
        let outputs: Record<string, unknown> = {};
        const provisioner = new Provisioner(api, inventory, preview, helm, this.options);
        const handler = {
            resource: (registration: Registration) => settle(registration, provisioner, journal, preview),
            stackOutputs: (values: Record<string, unknown>) => {
                outputs = values;
            },
        };
        await connect(handler, project, stack, preview);
        runtime.setAllConfig(config);
        for (const error of await runProgram(program, () => journal.declared)) {
            journal.programFailed(errorText(error));
        }
        if (!journal.ok) {
            return outputs;
        }
        if (preview) {
            for (const entry of inventory.stale()) {
                journal.start(deletionKey(entry), label(entry));
                journal.done(deletionKey(entry), "delete");
            }
            return outputs;
        }
        await this.remove(session, inventory.stale());
        await inventory.writeOutputs(outputs);
        return outputs;
    }

    private remove(session: Session, entries: readonly Entry[]): Promise<void> {
        const { journal } = session;
        return removeAll(session, entries, {
            start: (entry) => journal.start(deletionKey(entry), label(entry)),
            end: (entry, error) =>
                error
                    ? journal.failed(deletionKey(entry), (error as Error).message)
                    : journal.done(deletionKey(entry), "delete", [], entry.retain && "kept: retainOnDelete"),
        });
    }

    private async session(
        preview: boolean,
        work: (session: Session) => Promise<Record<string, unknown>>,
    ): Promise<Report> {
        const journal = new Journal(this.options.onEvent ?? (() => {}));
        journal.note(notice);
        const api = await this.connectApi();
        try {
            const inventory = new Inventory(api, this.options.project, this.options.stack, preview);
            await inventory.load();
            const helm = new Helm(api, this.options.kubeconfig, this.options.helm);
            return journal.report(await work({ api, helm, inventory, journal, preview }));
        } finally {
            api.close();
        }
    }

    private async connectApi(): Promise<Api> {
        const api = new Api(await readKubeConfig(this.options.kubeconfig));
        try {
            await api.send("GET", "/version", { patienceSeconds: this.options.connectSeconds ?? 5 });
            return api;
        } catch (error) {
            api.close();
            const { server } = api.cluster;
            throw new Error(
                `The API server at ${server} does not answer (${(error as Error).message}). Is it running?`,
            );
        }
    }
}

/** A deletion in the journal: its URN may be in use again, for another object. */
function deletionKey(entry: Entry): string {
    return `${entry.urn} ${identity(entry)}`;
}

interface Session {
    readonly api: Api;
    readonly helm: Helm;
    readonly inventory: Inventory;
    readonly journal: Journal;
    readonly preview: boolean;
}
