import { kernelsInHex } from "./bytes.ts";
import type { Kernels } from "./kernels.ts";
import { scalarKernels } from "./scalar.ts";

/** Bytes with the kernels that work on them. New ones are zero. */
export interface KernelMemory {
  /** Another one after `grow`. */
  readonly buffer: ArrayBuffer;
  readonly kernels: Kernels;
  /** To at least so many bytes. */
  grow(bytes: number): void;
}

export function scalarMemory(bytes: number): KernelMemory {
  let buffer = new ArrayBuffer(bytes);
  let kernels = scalarKernels(buffer);
  return {
    get buffer() {
      return buffer;
    },
    get kernels() {
      return kernels;
    },
    grow(needed) {
      if (needed <= buffer.byteLength) return;
      // A little more than asked for: each time all of it is copied.
      const longer = new ArrayBuffer(Math.max(needed, Math.ceil((buffer.byteLength * 1.05) / 64) * 64));
      new Uint8Array(longer).set(new Uint8Array(buffer));
      buffer = longer;
      kernels = scalarKernels(buffer);
    },
  };
}

/** What is used of the global of this name: no platform's types are taken. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (size: { readonly initial: number }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
}

export const wasmPage = 65_536;

/** Compiled at the first need; null where the platform has no 128-bit WebAssembly or a policy forbids it. */
let compiled: { readonly api: WebAssemblyApi; readonly module: object } | null | undefined;

function compile(): typeof compiled {
  const api = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) return null;
  try {
    return { api, module: new api.Module(kernelBytes()) };
  } catch {
    return null;
  }
}

/** Gzip sees what comes again in hexadecimal, and does not in base64. Eight digits at a time: it is read once, by cold code. */
function kernelBytes(): Uint8Array {
  const view = new DataView(new ArrayBuffer(kernelsInHex.length));
  for (let at = 0; at < kernelsInHex.length; at += 8) {
    view.setUint32(at / 2, Number.parseInt(kernelsInHex.slice(at, at + 8).padEnd(8, "0"), 16));
  }
  return new Uint8Array(view.buffer, 0, kernelsInHex.length / 2);
}

/** WebAssembly's where it can be had, or plain arrays: what is found is the same. */
export function kernelMemory(bytes: number): KernelMemory {
  if (compiled === undefined) compiled = compile();
  return (compiled && wasmMemory(bytes, compiled)) ?? scalarMemory(bytes);
}

function wasmMemory(bytes: number, { api, module }: NonNullable<typeof compiled>): KernelMemory | undefined {
  let memory: InstanceType<WebAssemblyApi["Memory"]>;
  try {
    memory = new api.Memory({ initial: Math.ceil(bytes / wasmPage) });
  } catch {
    return undefined; // Platforms bound how many there may be.
  }
  const { exports } = new api.Instance(module, { groundline: { memory } });
  return {
    get buffer() {
      return memory.buffer;
    },
    kernels: exports as Kernels,
    grow(needed) {
      const missing = Math.ceil(needed / wasmPage) - memory.buffer.byteLength / wasmPage;
      if (missing > 0) memory.grow(missing);
    },
  };
}
