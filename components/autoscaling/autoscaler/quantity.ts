const factors: Readonly<Record<string, number>> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
};

/** The number that a Kubernetes quantity such as `250m` or `1.5Gi` stands for; undefined for what is none. */
export function amountOf(quantity: string | undefined): number | undefined {
    const [, count, unit] = /^([0-9]+(?:\.[0-9]+)?)(m|[kMGTP]|[KMGTP]i)?$/.exec(quantity ?? "") ?? [];
    return count === undefined ? undefined : Number(count) * (factors[unit ?? ""] as number);
}
