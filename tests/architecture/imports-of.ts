import ts from 'typescript';

/** Every module a source text imports or re-exports, statically or by `import()` of a literal. `.vue` files give their script. */
export function importsOf(text: string): string[] {
  const script = /<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? text;
  return ts.preProcessFile(script, true, true).importedFiles.map((file) => file.fileName);
}
