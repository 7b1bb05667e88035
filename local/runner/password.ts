import { randomInt } from "node:crypto";

/** Arguments of `random.RandomPassword`, defaults as the provider's. */
export interface PasswordArgs {
    readonly length: number;
    readonly lower?: boolean;
    readonly upper?: boolean;
    readonly numeric?: boolean;
    /** Older name of `numeric`. */
    readonly number?: boolean;
    readonly special?: boolean;
    readonly minLower?: number;
    readonly minUpper?: number;
    readonly minNumeric?: number;
    readonly minSpecial?: number;
    readonly overrideSpecial?: string;
    readonly keepers?: Record<string, string>;
}

/** @throws Error where the arguments cannot be met. */
export function randomPassword(args: PasswordArgs): string {
    const classes = [
        { characters: "abcdefghijklmnopqrstuvwxyz", used: args.lower ?? true, least: args.minLower ?? 0 },
        { characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", used: args.upper ?? true, least: args.minUpper ?? 0 },
        { characters: "0123456789", used: args.numeric ?? args.number ?? true, least: args.minNumeric ?? 0 },
        {
            characters: args.overrideSpecial || "!@#$%&*()-_=+[]{}<>:?",
            used: args.special ?? true,
            least: args.minSpecial ?? 0,
        },
    ];
    const alphabet = classes.map(({ characters, used }) => (used ? characters : "")).join("");
    const least = classes.reduce((sum, { least }) => sum + least, 0);
    if (!(args.length >= Math.max(least, 1)) || alphabet === "") {
        throw new Error(
            `A password of ${args.length} characters with at least ${least} of given kinds, of the characters ` +
                `"${alphabet}", cannot be made: allow a kind, or raise "length".`,
        );
    }
    const pick = (from: string, count: number) =>
        Array.from({ length: count }, () => from[randomInt(from.length)]);
    const required = classes.flatMap(({ characters, least }) => pick(characters, least));
    return shuffle([...required, ...pick(alphabet, args.length - least)]).join("");
}

/** Arguments as text that differs when the password must change: any argument, as with the provider. */
export function passwordKey(args: object): string {
    const sorted = (value: unknown): unknown =>
        typeof value === "object" && value !== null
            ? Object.fromEntries(
                  Object.entries(value)
                      .sort()
                      .map(([key, inner]) => [key, sorted(inner)]),
              )
            : value;
    return JSON.stringify(sorted(args));
}

function shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
        const other = randomInt(last + 1);
        [items[last], items[other]] = [items[other] as T, items[last] as T];
    }
    return items;
}
