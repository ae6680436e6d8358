// The compiler of the package, TypeScript 7, has no API yet.
import {
  canHaveModifiers,
  createSourceFile,
  getModifiers,
  isClassDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isNamedExports,
  isTypeAliasDeclaration,
  isVariableStatement,
  ScriptTarget,
  SyntaxKind,
} from "typescript-5.9";
import type { Modifier, Statement } from "typescript-5.9";

/** Sorted; a type is written `type Name`. Whatever hides names, such as `export *`, throws. */
export function exportedNames(file: string, source: string): readonly string[] {
  const { statements } = createSourceFile(file, source, ScriptTarget.ESNext);
  // The overloads of a function have one name.
  return [...new Set(statements.flatMap(namesOf))].toSorted();

  function namesOf(statement: Statement): readonly string[] {
    if (isExportDeclaration(statement) && statement.exportClause && isNamedExports(statement.exportClause)) {
      return statement.exportClause.elements.map(({ name, isTypeOnly }) =>
        isTypeOnly || statement.isTypeOnly ? `type ${name.text}` : name.text,
      );
    }
    if (!isExported(statement)) return [];
    if (isInterfaceDeclaration(statement) || isTypeAliasDeclaration(statement)) {
      return [`type ${statement.name.text}`];
    }
    if (isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) =>
        isIdentifier(name) ? name.text : unreadable(statement),
      );
    }
    if ((isFunctionDeclaration(statement) || isClassDeclaration(statement)) && statement.name) {
      return [statement.name.text];
    }
    return unreadable(statement);
  }

  function unreadable(statement: Statement): never {
    throw new Error(`${file}: cannot be read as names: ${source.slice(statement.pos, statement.end).trim()}`);
  }
}

function isExported(statement: Statement): boolean {
  if (isExportDeclaration(statement) || isExportAssignment(statement)) return true;
  return canHaveModifiers(statement) && hasExportModifier(getModifiers(statement) ?? []);
}

function hasExportModifier(modifiers: readonly Modifier[]): boolean {
  return modifiers.some(({ kind }) => kind === SyntaxKind.ExportKeyword);
}
