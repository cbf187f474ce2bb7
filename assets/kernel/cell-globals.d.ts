/** Asks whoever sits before the notebook, and gives what was typed: `const name = await input("name? ")`. */
declare function input(prompt?: string, options?: { readonly password?: boolean }): Promise<string>;
