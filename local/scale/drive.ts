import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { checkout, type Instance } from "../instance";
import { findNode, networkOf } from "../node/node";
import type { Order } from "./driver";

/** The process that puts demand on subjects, inside the node's network. */
export class Drive {
    private next = 0;
    private readonly waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();

    private constructor(private readonly child: ChildProcess) {
        child.on("message", ({ id, error }: { id: number; error?: string }) => {
            const order = this.waiting.get(id);
            this.waiting.delete(id);
            if (error === undefined) order?.resolve();
            else order?.reject(new Error(error));
        });
        child.on("exit", (code) => {
            for (const { reject } of this.waiting.values())
                reject(new Error(`the driver ended with ${code}`));
        });
    }

    /** @throws Error when the instance has no running cluster. */
    static async start(instance: Instance): Promise<Drive> {
        const record = await findNode(instance);
        if (!record) throw new Error(`the cluster of instance ${instance.name} does not run`);
        const program = ["--require", "ts-node/register", join(__dirname, "driver.ts")];
        const child = spawn("nsenter", [...networkOf(record), process.execPath, ...program], {
            cwd: checkout,
            stdio: ["ignore", "inherit", "inherit", "ipc"],
        });
        return new Drive(child);
    }

    /** Sets the demand of a subject; resolves when it is there. */
    set(order: Omit<Order, "id">): Promise<void> {
        const id = this.next++;
        return new Promise((resolve, reject) => {
            this.waiting.set(id, { resolve, reject });
            this.child.send({ ...order, id });
        });
    }

    /** Ends it, and with it all demand. */
    stop(): void {
        this.child.disconnect();
    }
}
