import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";

/** Writes JSON so that whoever reads it, and whatever ends this process, meets the old content or the new. */
export async function writeState(file: string, content: unknown): Promise<void> {
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, JSON.stringify(content, null, 4), { mode: 0o600 });
    await rename(unfinished, file);
}

/** What `writeState` wrote; undefined where there is nothing, or nothing that can be read. */
export function readState<T>(file: string): T | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as T;
    } catch {
        return undefined;
    }
}
