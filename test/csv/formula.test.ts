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

it.each([
  ...['12E34567', '1.23457E+13', '0042', '7', '1-2', '1/2', '01.02.2026', '12:30', '10 pm', '15%', '$5', '1 000'],
  ...['TRUE', 'ложь', 'MAR1', '1-мар', '2 сентября 2026', 'Sept 2', '(5)', '1,5'],
])('puts an apostrophe before %j, which a spreadsheet would change', (text) => {
  expect(neutralText(text)).toBe(`'${text}`);
  expect(plainText(`'${text}`)).toBe(text);
});

it.each(['', 'Main', '5-A', '12 = 12', '«Дом»', '12;=1', '04A1B2C3', '1E5X', 'E12', 'March', 'Май', 'Entrance 1'])(
  'leaves %j as it is',
  (text) => {
    expect(neutralText(text)).toBe(text);
    expect(plainText(text)).toBe(text);
  },
);

it('takes no apostrophe from a text that people typed', () => {
  expect(plainText("'t Hof")).toBe("'t Hof");
  expect(plainText("'")).toBe("'");
});

it('gives every text back', () => {
  const text = fc.string({ unit: fc.constantFrom("'", '=', '-', '＠', 'a', ';', ' ', '1', '0', 'E', '.', '/', 'мар') });
  fc.assert(fc.property(text, (it) => plainText(neutralText(it)) === it));
});
