import { isTitleSearch, MIN_TITLE_SEARCH } from '../../domain/intercom.ts';
import { badInput } from './shared/bad-input.ts';

/** A part of a title to search for; absent when it is null or empty. */
export function readTitle(name: string, text: string | null | undefined): string | undefined {
  if (!text) return undefined;
  if (!isTitleSearch(text)) throw badInput(`${name} must have at least ${MIN_TITLE_SEARCH} characters.`);
  return text;
}
