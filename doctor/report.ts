import pc from "picocolors";
import type { Verdict } from "./judgement";
import type { Diagnosis, HopResult } from "./walk";

type Colors = ReturnType<typeof pc.createColors>;

/** The colours of a stream: those of a terminal, unless NO_COLOR says no. */
export function colorsOf(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Colors {
    return pc.createColors(stream.isTTY === true && env.NO_COLOR === undefined);
}

/** One autoscaler with every hop and its evidence. */
export function details(diagnosis: Diagnosis, colors: Colors): string {
    const width = Math.max(...diagnosis.hops.map(({ hop }) => hop.length));
    const lines = diagnosis.hops.flatMap((result) => hopLines(result, width, colors));
    return [title(diagnosis, colors), ...lines, "", ...conclusion(diagnosis, colors)].join("\n");
}

/** One line for each autoscaler, and the details of those that do not work. */
export function overview(diagnoses: readonly Diagnosis[], colors: Colors): string {
    const lines = diagnoses.map((diagnosis) => {
        const { namespace, name, kind, health, broken } = diagnosis;
        const unseen = diagnosis.hops.filter(({ verdict }) => verdict === "unknown").map(({ hop }) => hop);
        const said = broken
            ? `${broken.hop}: ${broken.why}`
            : health === "unknown"
              ? `could not look at ${unseen.join(", ")}`
              : "in order";
        return `${mark(health === "healthy" ? "ok" : health, colors)} ${kind} ${namespace}/${name}: ${said}`;
    });
    const ailing = diagnoses.filter(({ health }) => health !== "healthy");
    return [...lines, ...ailing.map((diagnosis) => `\n${details(diagnosis, colors)}`)].join("\n");
}

function title({ kind, namespace, name, target, signals }: Diagnosis, colors: Colors): string {
    return colors.bold(`${kind} ${namespace}/${name} scales ${target} on ${signals.join(", ") || "nothing"}`);
}

function hopLines(
    { hop, verdict, evidence, notes = [], why }: HopResult,
    width: number,
    colors: Colors,
): string[] {
    const [first = "", ...rest] = [
        ...(why === undefined ? [] : [why]),
        ...evidence.filter((line) => line !== why),
        ...notes.map((note) => `note: ${note}`),
    ].map(shortened);
    const indent = " ".repeat(width + 4);
    const tone = verdict === "none" ? colors.dim : (text: string) => text;
    return [
        tone(`${mark(verdict, colors)} ${hop.padEnd(width)}  ${first}`),
        ...rest.map((line) => tone(`${indent}${line}`)),
    ];
}

function conclusion({ health, broken, hops }: Diagnosis, colors: Colors): string[] {
    const unseen = hops.filter(({ verdict }) => verdict === "unknown");
    const gaps = unseen.flatMap(({ hop, why, fix }) => [
        `Could not look at ${hop}: ${why}.`,
        ...(fix ? [`  ${fix}`] : []),
    ]);
    if (broken) {
        const later = hops.slice(0, hops.indexOf(broken)).some(({ verdict }) => verdict === "unknown");
        return [
            colors.red(`First broken hop: ${broken.hop}. ${sentence(broken.why ?? "")}`),
            ...(broken.fix ? [`What to do: ${broken.fix}`] : []),
            ...(later ? ["A hop before it could not be looked at; the cause may be there."] : []),
            ...gaps,
        ];
    }
    return health === "unknown"
        ? [colors.yellow("Nothing broken was found, but not all could be looked at."), ...gaps]
        : [colors.green("Every hop is in order.")];
}

function mark(verdict: Verdict, colors: Colors): string {
    switch (verdict) {
        case "ok":
            return colors.green("✔");
        case "broken":
            return colors.red("✘");
        case "unknown":
            return colors.yellow("?");
        default:
            return colors.dim("·");
    }
}

function sentence(text: string): string {
    const capital = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** Servers quote each other; one line of it is enough on a screen. */
function shortened(text: string): string {
    const line = text.replace(/\s+/g, " ");
    return line.length > 220 ? `${line.slice(0, 219)}…` : line;
}
