/**
 * As much of an assembler for WebAssembly as the kernels need: code is built from functions and checked by types.
 * Numbers of instructions: https://webassembly.github.io/spec/core/binary/instructions.html
 */

export type Type = "i32" | "f32" | "v128";

/** Bytes that leave a value of a type on the stack; `void` leaves nothing. */
export interface Code<T extends Type | "void"> {
  readonly type: T;
  readonly bytes: readonly number[];
}

export interface Local<T extends Type> extends Code<T> {
  readonly index: number;
}

export type Integer = Code<"i32">;
export type Float = Code<"f32">;
export type Vector = Code<"v128">;
export type Statement = Code<"void">;

const typeBytes: Readonly<Record<Type, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

function code<T extends Type | "void">(
  type: T,
  ...parts: readonly (number | readonly number[] | Code<Type>)[]
): Code<T> {
  const bytes = parts.flatMap((part) => (typeof part === "number" ? part : "bytes" in part ? part.bytes : part));
  return { type, bytes };
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

function counted(bytes: readonly number[], count: number = bytes.length): number[] {
  return [...unsigned(count), ...bytes];
}

const text = (value: string): number[] => counted([...new TextEncoder().encode(value)]);
const simd = (instruction: number): number[] => [0xfd, ...unsigned(instruction)];
/** Alignment is a hint; 0 promises nothing. */
const place = (offset: number): number[] => [0, ...unsigned(offset)];

export const integer = (value: number): Integer => code("i32", 0x41, signed(value));
/** Four floats. */
export const floats = (...values: readonly [number, number, number, number]): Vector =>
  code("v128", simd(0x0c), [...new Uint8Array(Float32Array.of(...values).buffer)]);
/** Sixteen times a byte, or eight times two. */
export const repeated = (...pattern: readonly number[]): Vector =>
  code(
    "v128",
    simd(0x0c),
    Array.from({ length: 16 }, (_, i) => pattern[i % pattern.length] ?? 0),
  );

type Binary<A extends Type, B extends Type, R extends Type> = (a: Code<A>, b: Code<B>) => Code<R>;
const binary =
  <A extends Type, B extends Type, R extends Type>(type: R, instruction: readonly number[]): Binary<A, B, R> =>
  (a, b) =>
    code(type, a, b, instruction);
const vectors = (instruction: number): Binary<"v128", "v128", "v128"> => binary("v128", simd(instruction));
const shift = (instruction: number): Binary<"v128", "i32", "v128"> => binary("v128", simd(instruction));
const integers = (instruction: number): Binary<"i32", "i32", "i32"> => binary("i32", [instruction]);
const unary =
  <A extends Type, R extends Type>(type: R, instruction: readonly number[]) =>
  (a: Code<A>): Code<R> =>
    code(type, a, instruction);
const vector = (instruction: number): ((a: Vector) => Vector) => unary("v128", simd(instruction));
const loading =
  <R extends Type>(type: R, instruction: readonly number[]) =>
  (at: Integer, offset = 0): Code<R> =>
    code(type, at, instruction, place(offset));
const storing =
  <V extends Type>(instruction: readonly number[], lane: readonly number[] = []) =>
  (at: Integer, value: Code<V>, offset = 0): Statement =>
    code("void", at, value, instruction, place(offset), lane);

type Unary<A extends Type, R extends Type> = (a: Code<A>) => Code<R>;
type Loading<R extends Type> = (at: Integer, offset?: number) => Code<R>;
type Storing<V extends Type> = (at: Integer, value: Code<V>, offset?: number) => Statement;
type Vectors<Names extends string> = { readonly [N in Names]: Binary<"v128", "v128", "v128"> };
type Shifts<Names extends string> = { readonly [N in Names]: Binary<"v128", "i32", "v128"> };
type Changes<Names extends string> = { readonly [N in Names]: Unary<"v128", "v128"> };
type Integers<Names extends string> = { readonly [N in Names]: Binary<"i32", "i32", "i32"> };

export const i32: Integers<"add" | "sub" | "mul" | "and" | "or" | "shl" | "shr" | "below"> & {
  readonly zerosBehind: Unary<"i32", "i32">;
  readonly load: Loading<"i32">;
  readonly loadByte: Loading<"i32">;
  readonly store: Storing<"i32">;
  readonly storeByte: Storing<"i32">;
} = {
  add: integers(0x6a),
  sub: integers(0x6b),
  mul: integers(0x6c),
  and: integers(0x71),
  or: integers(0x72),
  shl: integers(0x74),
  shr: integers(0x76),
  below: integers(0x49),
  zerosBehind: unary<"i32", "i32">("i32", [0x68]),
  load: loading("i32", [0x28]),
  loadByte: loading("i32", [0x2d]),
  store: storing<"i32">([0x36]),
  storeByte: storing<"i32">([0x3a]),
};

export const f32: { readonly [N in "add" | "sub" | "mul"]: Binary<"f32", "f32", "f32"> } & {
  readonly below: Binary<"f32", "f32", "i32">;
  readonly ofInteger: Unary<"i32", "f32">;
  readonly load: Loading<"f32">;
  readonly store: Storing<"f32">;
} = {
  add: binary("f32", [0x92]),
  sub: binary("f32", [0x93]),
  mul: binary("f32", [0x94]),
  below: binary("i32", [0x5d]),
  ofInteger: unary("f32", [0xb2]),
  load: loading("f32", [0x2a]),
  store: storing<"f32">([0x38]),
};

export const v128: Vectors<"and" | "or" | "xor" | "swizzle"> & {
  readonly load: Loading<"v128">;
  readonly loadBytes: Loading<"v128">;
  readonly store: Storing<"v128">;
  readonly storeHalf: Storing<"v128">;
  readonly shuffle: (a: Vector, ...bytes: readonly number[]) => Vector;
} = {
  load: loading("v128", simd(0x00)),
  /** Eight signed bytes as 16 bits each. */
  loadBytes: loading("v128", simd(0x01)),
  store: storing<"v128">(simd(0x0b)),
  /** The first eight bytes. */
  storeHalf: storing<"v128">(simd(0x5b), [0]),
  and: vectors(0x4e),
  or: vectors(0x50),
  xor: vectors(0x51),
  /** The bytes of `a` in the order of `bytes`. */
  shuffle: (a: Vector, ...bytes: readonly number[]): Vector => code("v128", a, a, simd(0x0d), bytes),
  /** A byte of `a` for each index in `b`. */
  swizzle: vectors(0x0e),
};

export const i8x16: Vectors<"add" | "narrow"> & Shifts<"shr"> & { readonly bits: Unary<"v128", "i32"> } = {
  add: vectors(0x6e),
  bits: unary<"v128", "i32">("i32", simd(0x64)),
  shr: shift(0x6d),
  narrow: vectors(0x65),
};

export const i16x8: Vectors<"add" | "sub" | "narrow"> &
  Shifts<"shl" | "shr" | "shrSigned"> &
  Changes<"extendLow"> & { readonly splat: Unary<"i32", "v128"> } = {
  splat: unary<"i32", "v128">("v128", simd(0x10)),
  add: vectors(0x8e),
  sub: vectors(0x91),
  shl: shift(0x8b),
  shr: shift(0x8d),
  shrSigned: shift(0x8c),
  narrow: vectors(0x85),
  extendLow: vector(0x87),
};

export const i32x4: Vectors<"add" | "mul" | "dot"> &
  Shifts<"shl" | "shr"> &
  Changes<"extendLow" | "extendHigh" | "extendLowUnsigned" | "extendHighUnsigned" | "truncate"> & {
    readonly bits: Unary<"v128", "i32">;
    readonly lane: (a: Vector, lane: number) => Integer;
  } = {
  add: vectors(0xae),
  mul: vectors(0xb5),
  shl: shift(0xab),
  shr: shift(0xad),
  /** Products of 16 bits, added by pairs. */
  dot: vectors(0xba),
  extendLow: vector(0xa7),
  extendHigh: vector(0xa8),
  extendLowUnsigned: vector(0xa9),
  extendHighUnsigned: vector(0xaa),
  truncate: vector(0xf8),
  bits: unary<"v128", "i32">("i32", simd(0xa4)),
  lane: (a: Vector, lane: number): Integer => code("i32", a, simd(0x1b), lane),
};

export const f32x4: Vectors<"add" | "sub" | "mul" | "below" | "atLeast"> &
  Changes<"abs" | "nearest" | "ofIntegers"> & {
    readonly splat: Unary<"f32", "v128">;
    readonly lane: (a: Vector, lane: number) => Float;
  } = {
  add: vectors(0xe4),
  sub: vectors(0xe5),
  mul: vectors(0xe6),
  abs: vector(0xe0),
  nearest: vector(0x6a),
  below: vectors(0x43),
  atLeast: vectors(0x46),
  ofIntegers: vector(0xfa),
  splat: unary<"f32", "v128">("v128", simd(0x13)),
  lane: (a: Vector, lane: number): Float => code("f32", a, simd(0x1f), lane),
};

/** `local = value`. */
export const set = <T extends Type>(local: Local<T>, value: Code<T>): Statement =>
  code("void", value, 0x21, unsigned(local.index));
/** `local += amount`. */
export const advance = (local: Local<"i32">, amount: number): Statement => set(local, i32.add(local, integer(amount)));

const sequence = (...statements: readonly Statement[]): Statement =>
  code(
    "void",
    statements.flatMap((statement) => statement.bytes),
  );
export const when = (condition: Integer, ...then: readonly Statement[]): Statement =>
  code("void", condition, [0x04, 0x40, ...sequence(...then).bytes, 0x0b]);
export const whilst = (condition: Integer, ...body: readonly Statement[]): Statement =>
  code("void", [
    0x02,
    0x40,
    0x03,
    0x40,
    ...condition.bytes,
    0x45,
    0x0d,
    1,
    ...sequence(...body).bytes,
    0x0c,
    0,
    0x0b,
    0x0b,
  ]);
/** The body, then `at += by`, again while it is below the end: at least once. */
export const through = (at: Local<"i32">, by: number, end: Integer, ...body: readonly Statement[]): Statement =>
  code("void", [0x03, 0x40, ...sequence(...body, advance(at, by)).bytes, ...i32.below(at, end).bytes, 0x0d, 0, 0x0b]);

/** A function under the name by which it is exported. */
export interface Routine {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: readonly Type[];
  readonly locals: readonly Type[];
  readonly body: readonly number[];
}

export function routine<const P extends Readonly<Record<string, Type>>, const L extends Readonly<Record<string, Type>>>(
  name: string,
  parameters: P,
  locals: L,
  body: (names: { readonly [K in keyof (P & L)]: Local<(P & L)[K]> }) => readonly (Statement | Integer)[],
): Routine {
  const all = { ...parameters, ...locals };
  const names = Object.fromEntries(
    Object.entries<Type>(all).map(([key, type], index) => [key, { ...code(type, 0x20, unsigned(index)), index }]),
  );
  const written = body(names as Parameters<typeof body>[0]);
  return {
    name,
    parameters: Object.values<Type>(parameters),
    result: written.flatMap(({ type }) => (type === "void" ? [] : type)),
    locals: Object.values<Type>(locals),
    body: written.flatMap(({ bytes }) => bytes),
  };
}

/** Runs of one type, each with its length. */
function localsOf(types: readonly Type[]): number[] {
  const starts = types.flatMap((type, i) => (type === types[i - 1] ? [] : i));
  return counted(
    starts.flatMap((start, i) => [
      ...unsigned((starts[i + 1] ?? types.length) - start),
      typeBytes[types[start] as Type],
    ]),
    starts.length,
  );
}

/** A module that exports the routines and works on the memory imported as `groundline.memory`. */
export function assemble(routines: readonly Routine[]): Uint8Array {
  const section = (number: number, items: readonly (readonly number[])[]): number[] => [
    number,
    ...counted(counted(items.flat(), items.length)),
  ];
  const typesOf = (types: readonly Type[]): number[] => counted(types.map((type) => typeBytes[type]));
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d, // "\0asm"
    1,
    0,
    0,
    0,
    ...section(
      1,
      routines.map(({ parameters, result }) => [0x60, ...typesOf(parameters), ...typesOf(result)]),
    ),
    ...section(2, [[...text("groundline"), ...text("memory"), 0x02, 0x00, 1]]),
    ...section(
      3,
      routines.map((_, index) => unsigned(index)),
    ),
    ...section(
      7,
      routines.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]),
    ),
    ...section(
      10,
      routines.map(({ locals, body }) => counted([...localsOf(locals), ...body, 0x0b])),
    ),
  ]);
}
