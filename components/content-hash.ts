import { createHash } from "node:crypto";

/**
 * A few characters that stand for a content. A pod reads its configuration when it starts, so what it reads has
 * to change the pod's template: as part of a ConfigMap's name, or as an annotation.
 */
export function contentHash(content: string): string {
    return createHash("sha256").update(content).digest("hex").slice(0, 10);
}
