type Code =
  | ('tooLong' | 'notUtf8' | 'endsInCr' | 'brokenQuote' | 'empty')
  | ('noHeading' | 'unknown' | 'misspelt' | 'twice' | 'missing');

/** What is wrong with a header: as a whole, or with a column. */
export interface HeaderProblem {
  readonly code: Code;
  /** Its name, or its position where it has none. */
  readonly column?: string;
  /** The column that an unknown name looks like. */
  readonly meant?: string;
}

interface Texts {
  readonly problems: Readonly<Record<Code, string | ((column: string, meant: string) => string)>>;
  readonly andMore: (count: number) => string;
  readonly whole: (problems: string, required: string, others: string) => string;
}

const TEXTS = {
  en: {
    problems: {
      tooLong: 'it is too long',
      notUtf8:
        'the file is not UTF-8 text; in Excel save it as "CSV UTF-8", in LibreOffice choose the character set UTF-8',
      endsInCr: 'the lines of the file end in CR alone; save it with LF or CRLF',
      brokenQuote: 'a quotation mark is not closed, or stands inside a cell',
      empty: 'the file is empty',
      noHeading: (column) => `column ${column} has no heading`,
      unknown: (column) => `unknown column ${quoted(column)}`,
      misspelt: (column, meant) => `unknown column ${quoted(column)}: write it ${meant}`,
      twice: (column) => `column ${column} stands twice`,
      missing: (column) => `column ${column} is missing`,
    },
    andMore: (count) => `and ${count} more`,
    whole: (problems, required, others) =>
      `Wrong header: ${problems}.\nRequired columns: ${required}. Others: ${others}.`,
  },
  ru: {
    problems: {
      tooLong: 'он слишком длинный',
      notUtf8: 'файл не в UTF-8; в Excel сохраните его как «CSV UTF-8», в LibreOffice выберите кодировку UTF-8',
      endsInCr: 'строки файла кончаются одним CR; сохраните его с LF или CRLF',
      brokenQuote: 'кавычка не закрыта или стоит внутри ячейки',
      empty: 'файл пуст',
      noHeading: (column) => `у столбца ${column} нет заголовка`,
      unknown: (column) => `неизвестный столбец ${quoted(column)}`,
      misspelt: (column, meant) => `неизвестный столбец ${quoted(column)}: пишите ${meant}`,
      twice: (column) => `столбец ${column} указан дважды`,
      missing: (column) => `нет столбца ${column}`,
    },
    andMore: (count) => `и ещё ${count}`,
    whole: (problems, required, others) =>
      `Неверный заголовок: ${problems}.\nОбязательные столбцы: ${required}. Другие: ${others}.`,
  },
} as const satisfies Record<string, Texts>;

export type HeaderLocale = keyof typeof TEXTS;

/** The most problems in one message. */
const MAX_LISTED = 10;

/** What is wrong with a header, and what is accepted. */
export function headerErrorText(
  locale: HeaderLocale,
  problems: readonly HeaderProblem[],
  required: readonly string[],
  others: readonly string[],
): string {
  const texts: Texts = TEXTS[locale];
  const listed = problems.slice(0, MAX_LISTED).map(({ code, column = '', meant = '' }) => {
    const text = texts.problems[code];
    return typeof text === 'string' ? text : text(column, meant);
  });
  if (problems.length > MAX_LISTED) listed.push(texts.andMore(problems.length - MAX_LISTED));
  return texts.whole(listed.join('; '), required.join(', '), others.join(', '));
}

const quoted = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
