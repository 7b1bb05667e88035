export interface Interrupt {
    /** Aborted by the first Ctrl-C; its reason is the Error to end with. */
    readonly signal: AbortSignal;
    /** From now on Ctrl-C is what it was. */
    readonly forget: () => void;
}

/**
 * The first Ctrl-C asks to end, so that what was made can be removed; the second one ends the process at once.
 *
 * @param end - @default ends the process, with the status that a shell gives to Ctrl-C
 */
export function onInterrupt(
    say: (text: string) => void,
    end: () => void = () => process.exit(130),
): Interrupt {
    const asked = new AbortController();
    // It stays, and is not called just once: while a child runs, execa ends a process that nobody listens for.
    const ask = () => {
        if (asked.signal.aborted) return end();
        say("Ending. Ctrl-C once more ends at once, and leaves what was made.");
        asked.abort(new Error("Ended by Ctrl-C."));
    };
    process.on("SIGINT", ask);
    return { signal: asked.signal, forget: () => void process.off("SIGINT", ask) };
}
