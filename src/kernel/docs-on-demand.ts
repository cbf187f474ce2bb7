import type tsModule from "typescript";

type TypeScript = typeof tsModule;
type Documented = tsModule.Node & { jsDoc?: readonly tsModule.JSDoc[] };
type Method = (this: { declarations?: tsModule.Node[]; declaration?: tsModule.Node }, ...all: unknown[]) => unknown;

interface Internal {
  readonly objectAllocator: Record<
    "getSymbolConstructor" | "getSignatureConstructor",
    () => { readonly prototype: Record<string, Method> }
  >;
  canHaveJSDoc(node: tsModule.Node): boolean;
  getJSDocCommentRanges(node: tsModule.Node, text: string): readonly tsModule.CommentRange[] | undefined;
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: tsModule.JSDoc } | undefined;
}

/** By which TypeScript asks for the documentation of symbols and signatures, also of those that others inherit it from. */
const asking = [
  "getDocumentationComment",
  "getContextualDocumentationComment",
  "getJsDocTags",
  "getContextualJsDocTags",
] as const;

/**
 * Lets TypeScript parse files without their documentation, a sixth of what it keeps of them, and parses that of a declaration when it is
 * asked for.
 */
export function readDocsOnDemand(ts: TypeScript): void {
  const internal = ts as unknown as Internal;
  const { getSymbolConstructor, getSignatureConstructor } = internal.objectAllocator;
  for (const { prototype } of [getSymbolConstructor(), getSignatureConstructor()]) {
    for (const name of asking) {
      const original = prototype[name];
      if (original === undefined) continue;
      prototype[name] = function (...all) {
        for (const declaration of this.declarations ?? [this.declaration]) attachDocs(ts, internal, declaration);
        return original.apply(this, all);
      };
    }
  }
}

/** To a declaration and to what it is part of: that of a variable stands before its statement. */
function attachDocs(ts: TypeScript, internal: Internal, declaration: tsModule.Node | undefined): void {
  const file = declaration?.getSourceFile() as tsModule.SourceFile | undefined;
  if (file === undefined) return;
  for (let node: Documented = declaration!; node !== undefined && !ts.isSourceFile(node); node = node.parent) {
    if (node.jsDoc !== undefined || !internal.canHaveJSDoc(node)) continue;
    const found = (internal.getJSDocCommentRanges(node, file.text) ?? []).flatMap(({ pos, end }) => {
      const parsed = internal.parseIsolatedJSDocComment(file.text, pos, end - pos);
      return parsed === undefined ? [] : [Object.assign(parsed.jsDoc, { parent: node })];
    });
    if (found.length > 0) node.jsDoc = found;
  }
}
