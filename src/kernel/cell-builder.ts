import type tsModule from "typescript";

type TypeScript = typeof tsModule;

type EmitArguments = [
  file: tsModule.SourceFile,
  write: tsModule.WriteFileCallback,
  token: undefined,
  onlyDeclarations: undefined,
  transformers: tsModule.CustomTransformers,
];

/** What tslab asks of a builder, for a cell: what it depends on, and its output. */
export function cellBuilder(
  ts: TypeScript,
  builder: tsModule.BuilderProgram,
  isExported: boolean,
): tsModule.BuilderProgram {
  const program = builder.getProgram();
  // Its names are known to tslab from here on; else it takes the cell for one that has its exports already.
  if (!isExported) program.getTypeChecker();
  // Declarations come out even when one type cannot be written down (a private class): else all of the cell were lost.
  // And `{ price }` reaches the `price` of an earlier cell, which tslab overlooks.
  const emit = (...[file, write, token, onlyDeclarations, transformers]: EmitArguments): tsModule.EmitResult => {
    const internal = program as tsModule.Program & { emit(...all: unknown[]): tsModule.EmitResult };
    const before = [expandShorthand(ts, program.getTypeChecker())];
    return amongExporters(ts, program, () =>
      internal.emit(file, write, token, onlyDeclarations, { ...transformers, before }, true),
    );
  };
  const getAllDependencies = (file: tsModule.SourceFile) => dependenciesOf(program, file);
  return Object.assign(builder, { emit, getAllDependencies });
}

/**
 * To write down a type, TypeScript asks every file whether it exports that, name by name and for every cell anew. Only one that exports
 * something by another way than where it is declared can answer with more than is known.
 */
function amongExporters<Done>(ts: TypeScript, program: tsModule.Program, work: () => Done): Done {
  const { getSourceFiles } = program;
  program.getSourceFiles = () => getSourceFiles().filter((file) => handsOn(ts, file));
  try {
    return work();
  } finally {
    program.getSourceFiles = getSourceFiles;
  }
}

const exporters = new WeakMap<tsModule.SourceFile, boolean>();

function handsOn(ts: TypeScript, file: tsModule.SourceFile): boolean {
  const known = exporters.get(file);
  if (known !== undefined) return known;
  const found = file.statements.some(
    (statement) =>
      ts.isExportDeclaration(statement) || ts.isExportAssignment(statement) || ts.isImportEqualsDeclaration(statement),
  );
  exporters.set(file, found);
  return found;
}

/** A file and the files that run with it: declarations do not, so what they refer to is left out. */
function dependenciesOf(program: tsModule.Program, file: tsModule.SourceFile): string[] {
  const { getResolvedModuleFromModuleSpecifier: resolved } = program as unknown as {
    getResolvedModuleFromModuleSpecifier(
      literal: tsModule.StringLiteralLike,
      from: tsModule.SourceFile,
    ): tsModule.ResolvedModuleWithFailedLookupLocations | undefined;
  };
  const found = new Map([[file.fileName, file]]);
  for (const source of found.values()) {
    if (source.isDeclarationFile) continue;
    const { imports } = source as unknown as { imports: readonly tsModule.StringLiteralLike[] };
    for (const literal of imports) {
      const name = resolved(literal, source)?.resolvedModule?.resolvedFileName;
      const dependency = name === undefined ? undefined : program.getSourceFile(name);
      if (dependency) found.set(dependency.fileName, dependency);
    }
  }
  return [...found.keys()];
}

/** `{ price }` → `{ price: exports.price }` where `price` comes from an earlier cell; tslab does all other places. */
function expandShorthand(
  ts: TypeScript,
  checker: tsModule.TypeChecker,
): tsModule.TransformerFactory<tsModule.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const isEarlier = (node: tsModule.ShorthandPropertyAssignment) =>
      checker
        .getShorthandAssignmentValueSymbol(node)
        ?.declarations?.some((found) => found.getSourceFile().fileName.endsWith("/__prev__.d.ts"));
    const visit = (node: tsModule.Node): tsModule.Node => {
      const inner = ts.visitEachChild(node, visit, context);
      if (!ts.isShorthandPropertyAssignment(node) || !ts.isShorthandPropertyAssignment(inner) || !isEarlier(node)) {
        return inner;
      }
      const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), node.name.text);
      const fallback = inner.objectAssignmentInitializer;
      const initializer = fallback === undefined ? value : factory.createAssignment(value, fallback);
      return factory.createPropertyAssignment(node.name.text, initializer);
    };
    return ts.visitEachChild(file, visit, context);
  };
}
