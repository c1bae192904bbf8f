import fc from 'fast-check';
import { expect, it } from 'vitest';
import { neutralText, plainText } from '../../src/csv/formula.ts';

it.each(['=1+1', '+7', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠a', "'quoted'", "'=1"])(
  'puts an apostrophe before %j, and takes it away again',
  (text) => {
    expect(neutralText(text)).toBe(`'${text}`);
    expect(plainText(`'${text}`)).toBe(text);
  },
);

it.each(['', 'Main', '5-A', '12 = 12', '«Дом»', '12;=1'])('leaves %j as it is', (text) => {
  expect(neutralText(text)).toBe(text);
  expect(plainText(text)).toBe(text);
});

it('takes no apostrophe from a text that people typed', () => {
  expect(plainText("'t Hof")).toBe("'t Hof");
  expect(plainText("'")).toBe("'");
});

it('gives every text back', () => {
  const text = fc.string({ unit: fc.constantFrom("'", '=', '-', '＠', 'a', ';', ' ') });
  fc.assert(fc.property(text, (it) => plainText(neutralText(it)) === it));
});
