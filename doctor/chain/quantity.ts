const factors: Readonly<Record<string, number>> = {
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
};

/** Small units divide, so that 250m is 0.25 and not a hair beside it. */
const divisors: Readonly<Record<string, number>> = { n: 1e9, u: 1e6, m: 1e3 };

/** A quantity of Kubernetes ("250m", "64Mi", "1e3") as a number; NaN where it is none. */
export function quantity(text: string | number | undefined): number {
    const parts = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(String(text ?? ""));
    if (!parts) return Number.NaN;
    const [, number, unit = ""] = parts;
    const divisor = divisors[unit];
    return divisor ? Number(number) / divisor : Number(number) * (factors[unit] ?? Number.NaN);
}

/** A number as short as it can be read. */
export function figure(value: number): string {
    if (!Number.isFinite(value)) return String(value);
    return Math.abs(value) >= 1000 || Number.isInteger(value)
        ? String(Math.round(value))
        : String(Number(value.toPrecision(3)));
}

/** Seconds in words. */
export function age(seconds: number): string {
    if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
    if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
    return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** A duration as Prometheus writes it ("1m30s") in seconds; undefined where it is none. */
export function duration(text: string | undefined): number | undefined {
    const units: Readonly<Record<string, number>> = {
        ms: 1e-3,
        s: 1,
        m: 60,
        h: 3600,
        d: 86_400,
        w: 604_800,
        y: 31_536_000,
    };
    const parts = [...(text ?? "").matchAll(/(\d+)(ms|[smhdwy])/g)];
    if (parts.length === 0) return undefined;
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? "s"] ?? 0), 0);
}
