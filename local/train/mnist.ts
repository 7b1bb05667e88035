import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const side = 28;

/** A file of numbers from 0 to 255 in the format of MNIST: how many along each dimension, then the numbers. */
export function idx(dimensions: readonly number[], values: Uint8Array): Buffer {
    const header = Buffer.alloc(4 + 4 * dimensions.length);
    header.writeUInt8(8, 2); // numbers of one byte, without a sign
    header.writeUInt8(dimensions.length, 3);
    dimensions.forEach((size, i) => {
        header.writeUInt32BE(size, 4 + 4 * i);
    });
    return Buffer.concat([header, values]);
}

/** A picture for each digit that is not MNIST's but of its shape: a bright bar, at a height of its own. */
export function bars(count: number): { readonly pictures: Uint8Array; readonly digits: Uint8Array } {
    const digits = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const pictures = new Uint8Array(count * side * side);
    digits.forEach((digit, i) => {
        const begin = i * side * side + (2 + 2 * digit) * side;
        pictures.fill(255, begin, begin + 3 * side);
    });
    return { pictures, digits };
}

/** A data set in the place, under the names and in the format in which torchvision looks for MNIST. */
export async function writeMnist(folder: string, train: number, test: number): Promise<void> {
    const raw = join(folder, "MNIST/raw");
    await mkdir(raw, { recursive: true });
    for (const [name, count] of [
        ["train", train],
        ["t10k", test],
    ] as const) {
        const { pictures, digits } = bars(count);
        await writeFile(join(raw, `${name}-images-idx3-ubyte`), idx([count, side, side], pictures));
        await writeFile(join(raw, `${name}-labels-idx1-ubyte`), idx([count], digits));
    }
}
