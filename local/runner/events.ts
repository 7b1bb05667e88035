/** What a run did, or in a preview would do, with one resource. */
export type Operation = "create" | "update" | "replace" | "unchanged" | "read" | "delete";

/** What a run tells while it goes on; the tree draws it, tests assert it. */
export type RunEvent =
    | { readonly type: "note"; readonly text: string }
    | {
          readonly type: "start";
          readonly urn: string;
          readonly parent?: string;
          /** Components have children and do nothing themselves. */
          readonly component: boolean;
          /** What to show: `Deployment monitoring/prometheus`, or a component's name and class. */
          readonly label: string;
      }
    | { readonly type: "progress"; readonly urn: string; readonly text: string }
    | ({ readonly type: "end"; readonly urn: string; readonly seconds: number } & Result);

export type Result =
    | {
          readonly state: "done";
          readonly operation: Operation;
          readonly diff: readonly string[];
          readonly note?: string;
      }
    | { readonly state: "failed"; readonly message: string }
    | { readonly state: "skipped"; readonly because: string };

/** The whole of a run. Nothing failed and nothing was skipped exactly where `ok`. */
export interface Report {
    readonly ok: boolean;
    readonly counts: Readonly<Record<Operation | "failed" | "skipped", number>>;
    /** One text per failure, of a resource or of the program. */
    readonly failures: readonly string[];
    readonly seconds: number;
    /** Stack outputs in the SDK's wire form, secrets marked; `printable` makes them fit to show. */
    readonly outputs: Readonly<Record<string, unknown>>;
}

/** What became of a resource: what was done, its id, and its output properties in wire form. */
export interface Outcome {
    readonly operation: Operation;
    readonly id: string;
    readonly state: Record<string, unknown>;
    readonly diff?: readonly string[];
    readonly note?: string;
}
