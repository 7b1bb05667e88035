import type { LoadGenerator } from "../../../local/scenarios/load";
import type { Endpoint, Stage } from "../../../local/scenarios/scenario";

export interface FakeStage {
    readonly stage: Stage;
    /** The status of each reading that was drawn, and `end`. */
    readonly drawn: string[];
    readonly said: string[];
}

/** What a scenario runs on, with what a test cares for; anything else that it asks for is an error. */
export function stageWith({
    urls = {},
    ...others
}: Partial<Stage> & { readonly urls?: Partial<Record<Endpoint, string>> }): FakeStage {
    const drawn: string[] = [];
    const said: string[] = [];
    const noLoad: LoadGenerator = {
        prepare: async () => undefined,
        run: () => Promise.reject(new Error("no load was expected")),
    };
    const stage: Stage = {
        kubeconfig: "",
        prometheusUrl: "",
        url: (endpoint) => {
            const address = urls[endpoint];
            if (address === undefined) throw new Error(`no ${endpoint} was expected`);
            return address;
        },
        kubectl: ([...args]) => Promise.reject(new Error(`kubectl ${args.join(" ")} was not expected`)),
        load: noLoad,
        draw: ({ status }) => ({
            add: (reading) => void drawn.push(status(reading)),
            end: () => void drawn.push("end"),
        }),
        say: (line) => void said.push(line),
        short: true,
        messages: 200,
        ...others,
    };
    return { stage, drawn, said };
}
