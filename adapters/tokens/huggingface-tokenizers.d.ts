/** What is called here of the package, as read in its version 0.2.0, so that it need not be installed. */
declare module "@huggingface/tokenizers" {
  class Tokenizer {
    constructor(tokenizer: object, config: object);
    encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: readonly number[] };
  }
  export { Tokenizer };
}
