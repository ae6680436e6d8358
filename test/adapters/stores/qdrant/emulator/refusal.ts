/** What the server refuses, with the status and the words of the real one; status 0 closes the connection. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }
}

/** The body cannot be read as what the route takes. */
export function malformed(detail: string): Refusal {
  return new Refusal(400, `Format error in JSON body: ${detail}`);
}

/** The body reads well and says something that is not allowed. */
export function invalid(field: string, detail: string): Refusal {
  return new Refusal(422, `Validation error in JSON body: [${field}: ${detail}]`);
}

export function wrongInput(detail: string): Refusal {
  return new Refusal(400, `Wrong input: ${detail}`);
}

export function badRequest(detail: string): Refusal {
  return new Refusal(400, `Bad request: ${detail}`);
}

export function notFound(detail: string): Refusal {
  return new Refusal(404, `Not found: ${detail}`);
}

export function missingCollection(name: string): Refusal {
  return notFound(`Collection \`${name}\` doesn't exist!`);
}

export function missingPoint(id: number | bigint | string): Refusal {
  return notFound(`No point with id ${id} found`);
}

/** Behaviour of the real server that is not emulated: never a guess. */
export function notEmulated(what: string): Refusal {
  return new Refusal(501, `The emulator does not have ${what}.`);
}
