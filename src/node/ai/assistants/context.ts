/** Tokens for our text. All of the presets take twice that at least, and need some for their own instructions. */
export const ASSISTANT_CONTEXT = 100_000;
