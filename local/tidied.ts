/** Told of what tidying up failed of, where that is not what is thrown. */
type Say = (text: string) => void;

/**
 * Does work and then tidies up, whatever became of the work.
 *
 * @param say - see `afterFailure`
 * @throws what the work threw; where it went well, what tidying up threw.
 */
export async function tidied<T>(work: () => Promise<T>, tidy: () => Promise<unknown>, say?: Say): Promise<T> {
    const result = await work().catch((error: unknown) => afterFailure(error, tidy, say));
    await tidy();
    return result;
}

/**
 * Tidies up after a failure.
 *
 * @param say - @default standard error
 * @throws the failure: why something went wrong is not replaced by what that led to.
 */
export async function afterFailure(
    failure: unknown,
    tidy: () => Promise<unknown>,
    say: Say = console.error,
): Promise<never> {
    await tidy().catch((later: unknown) => say(later instanceof Error ? later.message : String(later)));
    throw failure;
}
