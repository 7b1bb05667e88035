/**
 * The same value with every `{{` in its texts written so that a chart which renders its values as templates (`tpl`)
 * gives back what was meant. The raw quotes survive every way in which YAML may quote a text.
 */
export function escapeTemplates<T>(value: T): T {
    return escaped(value) as T;
}

function escaped(value: unknown): unknown {
    if (typeof value === "string") return value.split("{{").join("{{`{{`}}");
    if (Array.isArray(value)) return value.map(escaped);
    if (typeof value === "object" && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
    return value;
}
