import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** As much of redis as the queue's programs use, so that their tests need no redis. */
export class FakeRedis {
    readonly list: string[] = [];
    readonly counters = new Map<string, number>();
    /** Every command received, its first word. */
    readonly commands: string[] = [];
    /** Where it listens on 127.0.0.1. */
    port = 0;
    private readonly server: Server;
    private readonly sockets = new Set<Socket>();
    private waiting: { socket: Socket; list: string; timer: NodeJS.Timeout }[] = [];

    private constructor(private readonly password: string) {
        this.server = createServer((socket) => this.serve(socket));
    }

    static async start(password: string, port = 0): Promise<FakeRedis> {
        const redis = new FakeRedis(password);
        redis.server.listen(port, "127.0.0.1");
        await once(redis.server, "listening");
        redis.port = (redis.server.address() as AddressInfo).port;
        return redis;
    }

    async stop(): Promise<void> {
        for (const socket of this.sockets) socket.destroy();
        this.server.close();
        await once(this.server, "close");
    }

    /** Adds a message as RPUSH does; a client that waits gets it. */
    push(message: string): void {
        const client = this.waiting.shift();
        if (client === undefined) {
            this.list.push(message);
        } else {
            clearTimeout(client.timer);
            client.socket.write(bulks(client.list, message));
        }
    }

    private serve(socket: Socket) {
        let buffer = "";
        let known = false;
        let transaction: string[][] | undefined;
        this.sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
            this.sockets.delete(socket);
            this.waiting = this.waiting.filter((client) => client.socket !== socket);
        });
        socket.on("data", (data) => {
            buffer += data;
            for (let parsed = parse(buffer); parsed; parsed = parse(buffer)) {
                buffer = parsed.rest;
                const [name = "", ...words] = parsed.words;
                this.commands.push(name);
                if (name === "AUTH") {
                    known = words[0] === this.password;
                    socket.write(known ? "+OK\r\n" : "-WRONGPASS invalid password\r\n");
                } else if (!known) {
                    socket.write("-NOAUTH Authentication required.\r\n");
                } else if (name === "MULTI") {
                    transaction = [];
                    socket.write("+OK\r\n");
                } else if (name === "EXEC") {
                    const replies = (transaction ?? []).map((command) => this.reply(command));
                    transaction = undefined;
                    socket.write(`*${replies.length}\r\n${replies.join("")}`);
                } else if (transaction) {
                    transaction.push(parsed.words);
                    socket.write("+QUEUED\r\n");
                } else if (name === "BLPOP") {
                    this.blockingPop(socket, words[0] ?? "", Number(words[1]));
                } else {
                    socket.write(this.reply(parsed.words));
                }
            }
        });
    }

    private blockingPop(socket: Socket, list: string, seconds: number) {
        const message = this.list.shift();
        if (message !== undefined) {
            socket.write(bulks(list, message));
            return;
        }
        const timer = setTimeout(() => {
            this.waiting = this.waiting.filter((client) => client.socket !== socket);
            socket.write("*-1\r\n");
        }, seconds * 1000);
        this.waiting.push({ socket, list, timer });
    }

    private reply([name, key = "", ...words]: string[]): string {
        if (name === "RPUSH") {
            for (const word of words) this.push(word);
            return `:${this.list.length}\r\n`;
        }
        if (name === "INCR" || name === "INCRBY") {
            const value = (this.counters.get(key) ?? 0) + Number(words[0] ?? 1);
            this.counters.set(key, value);
            return `:${value}\r\n`;
        }
        return `-ERR unknown command ${name}\r\n`;
    }
}

function bulks(...words: string[]): string {
    return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

/** The first command in the text and what follows it; undefined when it has not all arrived. */
function parse(text: string): { words: string[]; rest: string } | undefined {
    const head = /^\*(\d+)\r\n/.exec(text);
    if (!head) return undefined;
    let rest = text.slice(head[0].length);
    const words: string[] = [];
    for (let i = 0; i < Number(head[1]); i++) {
        const size = /^\$(\d+)\r\n/.exec(rest);
        if (!size) return undefined;
        const start = size[0].length;
        const end = start + Number(size[1]);
        if (rest.length < end + 2) return undefined;
        words.push(rest.slice(start, end));
        rest = rest.slice(end + 2);
    }
    return { words, rest };
}
