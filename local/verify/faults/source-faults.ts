import { blind, type Fault, onFallback } from "./fault";
import { calm, exporter, namespace, stampedExporter } from "./subjects";

/** Autoscalers on what the first exporter tells. */
const told = ["keda", "zero-keda", "adapter", "zero-adapter", "fallback", "several", "asleep"];

const tellAll = (value: (name: keyof typeof calm) => string): Pick<Fault, "begin" | "end"> => ({
    begin: async (stage) => {
        for (const name of Object.keys(calm))
            await stage.tell(exporter, `set/${name}/${value(name as keyof typeof calm)}`);
    },
    end: async (stage) => {
        for (const [name, before] of Object.entries(calm))
            await stage.tell(exporter, `set/${name}/${before}`);
    },
});

/** Faults of what is measured, and of who measures it. */
export const sourceFaults: readonly Fault[] = [
    {
        name: "exporter killed",
        expected: [...blind("scrape", ...told), onFallback],
        begin: (stage) => stage.scale(`${namespace}/${exporter}`, 0),
        end: (stage) => stage.scale(`${namespace}/${exporter}`, 1),
    },
    {
        name: "exporter hangs",
        expected: [...blind("scrape", ...told), onFallback],
        begin: (stage) => stage.freeze(namespace, exporter, /exporter\.py/),
        end: async (stage) => stage.thaw(),
    },
    {
        name: "result is NaN",
        expected: [...blind("series", ...told), onFallback],
        ...tellAll(() => "NaN"),
    },
    {
        name: "result is empty",
        expected: [...blind("series", ...told), onFallback],
        ...tellAll(() => "none"),
    },
    {
        name: "the larger of two signals is lost",
        expected: blind("series", "several"),
        begin: (stage) => stage.tell(exporter, "set/large/none"),
        end: (stage) => stage.tell(exporter, `set/large/${calm.large}`),
    },
    {
        name: "clock of the series stands still",
        expected: blind("series", "stamped", "own"),
        begin: (stage) => stage.tell(stampedExporter, "freeze"),
        end: (stage) => stage.tell(stampedExporter, "thaw"),
    },
    {
        name: "redis exporter killed",
        expected: blind("scrape", "consumer"),
        seconds: 75,
        begin: (stage) => stage.scale("queue/redis-exporter", 0),
        end: (stage) => stage.scale("queue/redis-exporter", 1),
    },
    {
        name: "recording rules removed",
        expected: blind("rule", "keda", "adapter"),
        begin: (stage) =>
            stage.take(namespace, "prometheusrule/autoscaler-keda", "prometheusrule/autoscaler-adapter"),
        end: (stage) => stage.giveBack(),
    },
    {
        name: "expression fails",
        expected: blind("rule", "own"),
        begin: (stage) => stage.tell(stampedExporter, "double"),
        end: (stage) => stage.tell(stampedExporter, "single"),
    },
];
