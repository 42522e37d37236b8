/** Answers that make a careless parser slow: each is about as long as it is asked to be, in UTF-16 units. */
export const hardAnswers: Readonly<Record<string, (length: number) => string>> = {
  'findings in an object': (length) => `{"findings":[${repeated(finding, length).replace(/,$/u, '')}]}`,
  'damaged findings': (length) => repeated((index) => finding(index).replace('"high"', 'high'), length),
  'findings cut in their lines': (length) => repeated((index) => `${finding(index).slice(0, 90)}\n`, length),
  'findings inside of each other': (length) => nested('{"title":"a","quote":"b","x":', '}', length),
  'damaged findings inside of each other': (length) => nested('{"title":"a","quote":"b","x":', '}', length).replace('}', '!}'),
  'findings inside of each other, never closed': (length) => '{"title":"a","quote":"b","x":'.repeat(length / 29),
  'lists inside of each other': (length) => nested('[', ']', length),
  'only opening braces': (length) => '{'.repeat(length),
  'only closing braces': (length) => '}'.repeat(length),
  'only quotation marks': (length) => '"'.repeat(length),
  'quotation marks in a finding': (length) => `{"title":"a","quote":${'"'.repeat(length)}}`,
  'only backslashes': (length) => '\\'.repeat(length),
  'backslashes in a string': (length) => `{"title":"${'\\'.repeat(length)}`,
  'a string without an end': (length) => `{"title":"${'a'.repeat(length)}`,
  'a string of braces': (length) => `{"title":"${'{ '.repeat(length / 2)}`,
  'beginnings of findings in a string': (length) => `{"title":"${'{"file":'.repeat(length / 8)}`,
  'beginnings that are none': (length) => `{"title":"${'{"fil'.repeat(length / 5)}`,
  'commas before brackets': (length) => `{"title":"a","quote":"b","x":[${'[1,],'.repeat(length / 5)}]}`,
  'commas before brackets in many findings': (length) => repeated(() => '{"title":"a","quote":["b",],},', length),
  'nothing but blanks': (length) => ' \n'.repeat(length / 2),
  'blanks behind a brace': (length) => `{${' '.repeat(length)}`,
  'a single word': (length) => 'x'.repeat(length),
  'thoughts without an end': (length) => `<think>${'{"title":"a","quote":"b"}<'.repeat(length / 25)}`,
  'single quotation marks': (length) => `[${repeated(() => "{'title': 'it's a', 'quote': 'b', 'line': 3},", length)}]`,
  'apostrophes without an end': (length) => `{'title': '${"a' ".repeat(length / 3)}`,
  'bare keys': (length) => repeated(() => "{title: 'a', quote: 'b', line: 3},\n", length),
  'JSON in a string': (length) => JSON.stringify({ arguments: `[${repeated(finding, length * 0.8).replace(/,$/u, '')}]` }),
  'escapes in a string': (length) => `{"arguments":"{\\"a\\":${'\\n'.repeat(length / 2)}"}`,
};

function finding(index: number): string {
  return `${JSON.stringify({
    file: 'src/a.ts',
    line: index + 1,
    severity: 'high',
    category: 'bug',
    title: `Number ${index}`,
    message: `It is "wrong" {and} [so] on: ${'words '.repeat(12)}`,
    quote: 'const a = { b: "c" };',
  })},`;
}

function repeated(item: (index: number) => string, length: number): string {
  const items: string[] = [];
  for (let total = 0; total < length; total += items.at(-1)?.length ?? 1) items.push(item(items.length));
  return items.join('');
}

function nested(open: string, close: string, length: number): string {
  const depth = Math.floor(length / (open.length + close.length));
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}
