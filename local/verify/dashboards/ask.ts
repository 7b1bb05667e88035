import { type Board, type BoardVariable, variablesOf } from "../../../components/monitoring/dashboards/board";

/** What Prometheus is asked, and no more of it than that. */
export interface Asked {
    /** The values of an expression now, one for each series. */
    readonly values: (expr: string) => Promise<number[]>;
    /** The values of a label, of the series that a selector finds. */
    readonly labelValues: (series: string, label: string) => Promise<string[]>;
    /** Every rule that does not work, with Prometheus' words, and how many there are. */
    readonly rules: () => Promise<{ readonly total: number; readonly broken: readonly string[] }>;
}

/** Asks the Prometheus at this address. Methods throw what it answers instead of data. */
export function asking(url: string): Asked {
    async function get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
        const address = new URL(path, url);
        for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
        const answer = await fetch(address, { signal: AbortSignal.timeout(30_000) });
        const { data, error } = (await answer.json()) as { data?: T; error?: string };
        if (!answer.ok || data === undefined)
            throw new Error(`${address.origin}${path} answers HTTP ${answer.status}: ${error}`);
        return data;
    }
    return {
        async values(expr) {
            const { result } = await get<{ result: { value: [number, string] }[] }>("/api/v1/query", {
                query: expr,
            });
            return result.map(({ value: [, text] }) => Number(text));
        },
        labelValues: (series, label) => get(`/api/v1/label/${label}/values`, { "match[]": series }),
        async rules() {
            const { groups } = await get<{ groups: Group[] }>("/api/v1/rules", {});
            const all = groups.flatMap(({ name, rules }) => rules.map((rule) => ({ ...rule, group: name })));
            const broken = all.filter(({ health }) => health !== "ok");
            return {
                total: all.length,
                broken: broken.map(
                    ({ group, name, health, lastError }) => `${group}/${name}: ${lastError || health}`,
                ),
            };
        },
    };
}

interface Group {
    readonly name: string;
    readonly rules: readonly {
        readonly name: string;
        readonly health: string;
        readonly lastError?: string;
    }[];
}

/** What is chosen at the top of a dashboard, by the names of the variables. */
export type Choice = Readonly<Record<string, string>>;

/** Every choice that a dashboard offers; of several values all at a time. A variable without values leaves none. */
export async function choices({ variables }: Pick<Board, "variables">, asked: Asked): Promise<Choice[]> {
    let found: Choice[] = [{}];
    for (const variable of variables) {
        const further = await Promise.all(found.map((choice) => chooseOne(variable, choice, asked)));
        found = further.flat();
    }
    return found;
}

async function chooseOne(
    { name, series, of, several, all = ".+" }: BoardVariable,
    choice: Choice,
    asked: Asked,
): Promise<Choice[]> {
    const values = await asked.labelValues(fill(series, choice), of);
    if (values.length === 0) return [];
    return several ? [{ ...choice, [name]: all }] : values.map((value) => ({ ...choice, [name]: value }));
}

/** An expression with its variables filled in, and the times of Grafana's own. */
export function fill(expr: string, choice: Choice): string {
    const known = expr.replaceAll("$__rate_interval", "1m");
    return variablesOf(known)
        .sort((a, b) => b.length - a.length)
        .reduce((text, name) => {
            const value = choice[name];
            if (value === undefined) throw new Error(`${expr} names $${name}, which is not chosen`);
            return text.replaceAll(`\${${name}}`, value).replaceAll(`$${name}`, value);
        }, known);
}
