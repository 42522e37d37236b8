import { fieldAt } from '../../yaml/grammar.ts';
import type { Field } from '../../yaml/grammar.ts';
import { typedPlaceAt } from '../../yaml/placeAt.ts';
import type { Place } from '../../yaml/placeAt.ts';
import { columnOf } from '../../yaml/typedToken.ts';
import type { TextSpan } from '../problem.ts';
import type { CompletionContext } from './completionContext.ts';
import { Family, readWorkflowText } from './family.ts';
import { inSnippet, written } from './insertText.ts';
import { grammarFor, languageOf } from './language.ts';
import { keyOffers } from './keyOffers.ts';
import type { Offer } from './offer.ts';
import type { Surroundings } from './surroundings.ts';
import { valueOffers } from './valueOffers.ts';

/** One thing that can be written at a place, ready to be put in. */
export interface Completion {
  label: string;
  is: Offer['is'];
  detail?: string;
  /** A snippet in the form that editors share: `${1:text}`, `${2|a,b|}`. Line breaks are `\n` and indentation is complete. */
  insert: string;
  /** What the text replaces, in one line. It starts at or before the offset that was asked about and ends at or behind it. */
  replace: TextSpan;
  /** What the typed text is compared with. */
  filter: string;
  /** Order among all, compared as text. */
  order: string;
  /** Ask again after it was put in: there is more to say. */
  again: boolean;
}

/**
 * What can be written at an offset of a file under `.handrail/`. Works on text that is incomplete or wrong elsewhere, and never throws for
 * what stands in it. Empty for other files, in comments and in plain text.
 */
export async function completionsAt(text: string, offset: number, path: string, around: Surroundings): Promise<Completion[]> {
  const language = languageOf(path);
  // Between the two characters of a line end nothing can be put in.
  if (text.startsWith('\r\n', offset - 1)) return [];
  const typed = language && typedPlaceAt(text, offset);
  if (!language || !typed) return [];
  const { value } = typed.file;
  let family: Family | undefined;
  const context: CompletionContext = {
    language,
    path,
    typed,
    grammar: grammarFor(language, value),
    value,
    family: () => (family ??= new Family(readWorkflowText(path, typed.file), around)),
    around,
  };
  const completions: Completion[] = [];
  for (const place of typed.places) completions.push(...(await completionsFor(place, context)));
  const seen = new Set<string>();
  return (
    completions
      // Editors replace within one line only; text in quotes may go over several.
      .filter(({ replace }) => !text.slice(replace.start, replace.end).includes('\n'))
      .filter(({ insert, label }) => !seen.has(`${label}\n${insert}`) && seen.add(`${label}\n${insert}`))
      .map((completion, index) => ({ ...completion, order: `${completion.order}-${String(index).padStart(4, '0')}` }))
  );
}

async function completionsFor(place: Place, context: CompletionContext): Promise<Completion[]> {
  const { typed, grammar, value } = context;
  if (place.is === 'key') return keyOffers(place.path, place.where, context).map((offer) => render(offer, place, 'key', context));
  if (place.is === 'item') {
    const field = fieldAt(grammar, place.path.slice(0, -1), value);
    return field?.shape.type === 'list' ? await itemsFor(field.shape.item(), place, context) : [];
  }
  const field = fieldAt(grammar, place.path, value);
  if (!field) return [];
  const isQuoted = typed.token.style === 'double' || typed.token.style === 'single';
  switch (field.shape.type) {
    case 'mapping':
    case 'names': {
      if (isQuoted) return [];
      const wrap = place.where === 'line' || place.where === 'dash' ? 'key' : 'mapping';
      const keys = keyOffers(place.path, wrap === 'key' ? place.where : 'brackets', context).map((offer) =>
        render(offer, place, wrap, context),
      );
      const wholes = place.where === 'dash' ? await valueOffers(field, place.path, context) : [];
      return [...wholes.map((offer) => render(offer, place, 'value', context)), ...keys];
    }
    case 'list':
      return isQuoted ? [] : await itemsFor(field.shape.item(), { ...place, path: [...place.path, 0] }, context);
    default:
      return (await valueOffers(field, place.path, context)).map((offer) => render(offer, place, 'value', context));
  }
}

/** Items for a list that has none yet, or for a new line of one. */
async function itemsFor(item: Field, place: Place, context: CompletionContext): Promise<Completion[]> {
  const offers = await valueOffers(item, place.path, context);
  const isMapping = item.shape.type === 'mapping' && (place.where !== 'inline' || offers.length === 0);
  const keys = isMapping ? keyOffers(place.path, place.where, context) : [];
  return [...offers, ...keys].flatMap((offer) =>
    place.where === 'inline' && offer.lines && !canBreak(context) ? [] : [render(offer, place, 'item', context)],
  );
}

/** Whether what is written behind a key may go on in the lines below. */
function canBreak({ typed }: CompletionContext): boolean {
  return typed.token.depth === 0;
}

/** Turns an offer into the text that goes in, by where it goes. */
function render(offer: Offer, place: Place, as: 'key' | 'value' | 'item' | 'mapping', context: CompletionContext): Completion {
  const { token } = context.typed;
  const replace = offer.replace ?? (token.style === 'plain' || token.style === 'block' ? token.span : token.inner);
  return {
    label: offer.label,
    is: offer.is,
    ...(offer.detail !== undefined && { detail: offer.detail }),
    insert: insertOf(offer, place, as, context) + commaBefore(place, context, replace.end),
    replace,
    filter: offer.filter ?? (typeof offer.value === 'string' ? offer.value : offer.label),
    order: String(offer.rank ?? 5),
    again: offer.again ?? false,
  };
}

/** What is put before something else in brackets needs a comma behind it. */
function commaBefore(place: Place, { typed }: CompletionContext, end: number): string {
  if (place.where !== 'brackets' || typed.token.isKey || typed.token.style !== 'plain') return '';
  const next = /^(?:\s|#[^\n]*(?=\n|$))*(\S)/.exec(typed.file.text.slice(end))?.[1];
  return next === undefined || /[,\]}:#]/.test(next) ? '' : ', ';
}

function insertOf(offer: Offer, place: Place, as: 'key' | 'value' | 'item' | 'mapping', context: CompletionContext): string {
  const { token, file } = context.typed;
  if (offer.lines) {
    if (as !== 'item') return offer.lines.join(`\n${' '.repeat(place.column)}`);
    const isInline = place.where === 'inline';
    const column = isInline ? columnOf(file.text, file.keySpanOf(place.path.slice(0, -1)).start) + 2 : place.column;
    const dashed = `- ${offer.lines.join(`\n${' '.repeat(column + 2)}`)}`;
    return isInline ? `\n${' '.repeat(column)}${dashed}` : dashed;
  }
  const inBrackets = token.depth > 0 || place.where === 'brackets' || (as === 'item' && place.where === 'inline') || as === 'mapping';
  const body = offer.insert ?? inSnippet(written(offer.value ?? offer.label, token.style, inBrackets));
  if (as === 'key' && token.isKey)
    return token.style === 'plain' ? inSnippet(offer.label) : inSnippet(written(offer.label, token.style, false));
  if (as === 'mapping') return `{ ${body} }`;
  if (as !== 'item') return body;
  const isMapping = offer.inMapping === true;
  if (place.where === 'inline') return isMapping ? `[{ ${body} }]` : `[${body}]`;
  return place.where === 'brackets' ? (isMapping ? `{ ${body} }` : body) : `- ${body}`;
}
