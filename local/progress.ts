import { artifact } from "./build/artifacts";
import type { Builder } from "./build/builder";

/** `████████░░░░  63 %, about 2 min left` for one artifact that is being made or waits for its turn. */
export function buildLine(builder: Builder, name: string): string {
    const { state, part } = builder.of(name);
    if (state === "waiting") return "waits for its turn";
    if (artifact(name).lane === "unpack") return "downloads and unpacks packages";
    return `${bar(part)} ${String(Math.round(part * 100)).padStart(3)} %, ${duration(builder.secondsLeft([name]))} left`;
}

export function bar(part: number, width = 24): string {
    const full = Math.round(part * width);
    return "█".repeat(full) + "░".repeat(width - full);
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
    if (seconds < 5) return "a moment";
    if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`;
    return `about ${Math.round(seconds / 60)} min`;
}
