import type { Scope } from '../domain/caller.ts';
import { MIN_TITLE_SEARCH } from '../domain/intercom.ts';
import { MAX_COUNT, MAX_LENGTH } from '../domain/limits.ts';
import { LINES, type Line } from '../domain/lines.ts';
import type { Field, FieldError, FieldErrorCode } from '../domain/refusal.ts';
import type { StorageProblem } from '../domain/storage-problem.ts';

/** The languages of the texts; the first is the default. */
const LOCALES = ['en', 'ru'] as const;

export type Locale = (typeof LOCALES)[number];

/** The values in a text about a field. */
export interface FieldText {
  readonly field: Field;
  /** The field, and the other field of the rule, in the caller's spelling. */
  readonly name: string;
  readonly other?: string | undefined;
  /** The longest text, in characters, and the most entries or flats, where the field has such a limit. */
  readonly maxLength?: number | undefined;
  readonly maxCount?: number | undefined;
}

/** No line is required on its own; only of all of them one may be. */
const isLine = (field: Field): boolean => LINES.includes(field as Line);
const isList = (field: Field): boolean => field === 'keys' || field === 'users';

interface Catalogue {
  readonly field: Readonly<Record<FieldErrorCode, (about: FieldText) => string>>;
  readonly andMore: (count: number) => string;
  readonly versionConflict: string;
  readonly notApplied: string;
  readonly flatsInUse: (count: number) => string;
  readonly tooManyUpdates: (max: number) => string;
  readonly invalidJson: string;
  readonly notAnObject: string;
  readonly unknownPath: string;
  readonly wrongMethod: (allowed: string) => string;
  readonly bodyTooLarge: (maxBytes: number) => string;
  readonly wrongContentType: string;
  readonly wrongCharset: string;
  readonly bodyNotUtf8: string;
  readonly notAcceptable: string;
  readonly streamNotAcceptable: string;
  readonly unreadableRequest: string;
  readonly storage: Readonly<Record<StorageProblem, string>>;
  readonly tokenMissing: string;
  readonly tokenInvalid: string;
  readonly scopeTooNarrow: (needed: Scope) => string;
  readonly wrongScheme: string;
  readonly noTokenYet: string;
  readonly notLocal: string;
  readonly notLocalHttp10: string;
  readonly missingHost: string;
  readonly severalHosts: string;
  readonly unknownExpectation: string;
  readonly wrongEncoding: string;
  readonly multipart: string;
  readonly unusableIfMatch: string;
  readonly tooManyConnections: string;
  readonly overloaded: string;
  readonly tooManyStreams: string;
  readonly tooManyRequests: (perMinute: number, seconds: number) => string;
  readonly internal: string;
}

const en: Catalogue = {
  field: {
    REQUIRED: ({ field, name, other }) =>
      isLine(field)
        ? `Send at least one line to set, such as ${name}.`
        : other
          ? `Send ${name} or ${other}.`
          : `${name} is required.`,
    MUTUALLY_EXCLUSIVE: ({ name, other }) => `Send either ${name} or ${other}, not both.`,
    INVALID_INTEGER: ({ name }) => `${name} must be a whole number, 1 or more.`,
    INVALID_BOOLEAN: ({ name }) => `${name} must be true or false.`,
    NOT_FOUND: ({ field, name }) =>
      field === 'flat' ? `The intercom has no flat with this number (${name}).` : `Nothing exists with this ${name}.`,
    WRONG_INTERCOM: ({ name }) => `The flat named by ${name} belongs to another intercom.`,
    TOO_LONG: ({ name, maxLength }) => `${name} is too long: at most ${maxLength} characters.`,
    TOO_SHORT: ({ name }) => `${name} must have at least ${MIN_TITLE_SEARCH} characters.`,
    INVALID_TEXT: ({ field, name }) =>
      isList(field)
        ? `${name} must not be empty, and must not hold control or invisible characters, U+FFFD or semicolons.`
        : `${name} must not be empty, and must not hold control characters or U+FFFD.`,
    INVALID_RANGE: ({ field, name, other }) =>
      field === 'flatFrom' ? `${name} must not be greater than ${other}.` : `${name} must not be less than ${other}.`,
    TOO_MANY: ({ field, name, maxCount }) =>
      isList(field)
        ? `${name} has too many entries: at most ${maxCount}.`
        : `${name} makes the range too large: at most ${maxCount} flats.`,
    TAKEN: ({ name }) => `Another intercom has this ${name} already.`,
    EMPTY_CONDITION: ({ name }) => `${name} must not be null or empty: leave it out where it does not matter.`,
    NOT_NARROWED: ({ name }) =>
      `${name} says only how lines are, and so means every building. Name an intercom, numbers, a title, a key, a login or a time, or send all: true.`,
    NO_ID_LEFT: ({ name }) => `No record id is left for what ${name} would make: the greatest one is in use.`,
  },
  andMore: (count) => `(and ${count} more ${count === 1 ? 'error' : 'errors'})`,
  versionConflict: 'The flat was changed by somebody else: its version is not the one you expect.',
  notApplied: 'Not applied, since another update of this call was refused.',
  flatsInUse: (count) =>
    `Flats that would be deleted still have keys or users: ${count}. Send force: true to delete them all the same.`,
  tooManyUpdates: (max) => `Too many updates in one call: at most ${max}. Nothing was changed.`,
  invalidJson: 'The body is not valid JSON.',
  notAnObject: 'The body must be a JSON object.',
  unknownPath: 'There is nothing at this address.',
  wrongMethod: (allowed) => `This method is not allowed here; allowed: ${allowed}.`,
  bodyTooLarge: (maxBytes) => `The body is too large: at most ${maxBytes} bytes.`,
  wrongContentType: 'A POST must have the content type application/json.',
  wrongCharset: 'The body must be encoded in UTF-8: send charset=utf-8, or no charset at all.',
  bodyNotUtf8: 'The body is not valid UTF-8.',
  notAcceptable:
    'No media type of the Accept header is one of ours: application/json, application/graphql-response+json, text/event-stream.',
  streamNotAcceptable: 'A subscription is answered as a stream of events: send the header Accept: text/event-stream.',
  unreadableRequest: 'The request cannot be read: its variables or extensions are not valid JSON.',
  storage: {
    busy: 'The storage is busy, so this was not stored; try again shortly.',
    full: 'The disk of the service is full, so this was not stored; its operator has to make room.',
    readOnly: 'The database can be read but not written now, so this was not stored; its operator has to look.',
    outcomeUnknown:
      'The disk failed while this was stored, so it is unknown whether it is; read what is stored, or send it again.',
    lost: 'The database was moved, replaced, deleted or damaged while the service runs, so nothing can be read or stored now; its operator has to look.',
  },
  tokenMissing: 'This needs a token: send it as "Authorization: Bearer TOKEN".',
  tokenInvalid: 'The Authorization header holds no token that is valid here.',
  scopeTooNarrow: (needed) => `This needs a token of scope ${needed}.`,
  wrongScheme: 'The Authorization header has another scheme than Bearer: send "Authorization: Bearer TOKEN".',
  noTokenYet:
    'No token is valid here: the database of this service has none. To make one: npm run token -- create NAME --scope write',
  notLocalHttp10:
    'As long as there is no token, a request of HTTP/1.0 counts as handed on by a proxy, and only requests from this very machine are served. Send HTTP/1.1, or make a token: npm run token -- create NAME --scope admin',
  missingHost: 'The request has no Host header.',
  severalHosts: 'The request has more than one Host header.',
  unknownExpectation: 'The Expect header asks for something that is not supported; 100-continue is.',
  wrongEncoding: 'The body is compressed or encoded: send it as it is, without a Content-Encoding.',
  multipart: 'A multipart body cannot be read: send JSON, or a form as application/x-www-form-urlencoded.',
  unusableIfMatch:
    'If-Match names no version that can match: send a strong ETag in quotation marks, as an answer had it, like "3".',
  notLocal:
    'As long as there is no token, only requests from this very machine are served: to localhost, and through no proxy. To make a token: npm run token -- create NAME --scope admin',
  tooManyConnections: 'Too many connections are open; try again shortly.',
  overloaded: 'The service holds too much of other requests and answers now, so nothing was done; try again shortly.',
  tooManyStreams: 'Too many subscriptions of this caller are open; end one of them first.',
  tooManyRequests: (perMinute, seconds) =>
    `Too many requests: at most ${perMinute} a minute. Try again in ${seconds} s.`,
  internal: 'Something went wrong on our side.',
};

const ru: Catalogue = {
  field: {
    REQUIRED: ({ field, name, other }) =>
      isLine(field)
        ? `Укажите хотя бы одну линию, например ${name}.`
        : other
          ? `Укажите ${name} или ${other}.`
          : `Поле ${name} обязательно.`,
    MUTUALLY_EXCLUSIVE: ({ name, other }) => `Укажите что-то одно: ${name} или ${other}.`,
    INVALID_INTEGER: ({ name }) => `Поле ${name} должно быть целым числом не меньше 1.`,
    INVALID_BOOLEAN: ({ name }) => `Поле ${name} должно быть true или false.`,
    NOT_FOUND: ({ field, name }) =>
      field === 'flat' ? `У домофона нет квартиры с таким номером (${name}).` : `Записи с таким ${name} нет.`,
    WRONG_INTERCOM: ({ name }) => `Квартира, указанная в ${name}, относится к другому домофону.`,
    TOO_LONG: ({ name, maxLength }) => `Поле ${name} слишком длинное: не более ${maxLength} символов.`,
    TOO_SHORT: ({ name }) => `В поле ${name} должно быть не менее ${MIN_TITLE_SEARCH} символов.`,
    INVALID_TEXT: ({ field, name }) =>
      isList(field)
        ? `Поле ${name} не должно быть пустым и не должно содержать управляющие и невидимые символы, U+FFFD и точки с запятой.`
        : `Поле ${name} не должно быть пустым и не должно содержать управляющие символы и U+FFFD.`,
    INVALID_RANGE: ({ field, name, other }) =>
      field === 'flatFrom'
        ? `Поле ${name} не должно быть больше ${other}.`
        : `Поле ${name} не должно быть меньше ${other}.`,
    TOO_MANY: ({ field, name, maxCount }) =>
      isList(field)
        ? `В поле ${name} слишком много значений: не более ${maxCount}.`
        : `Из-за поля ${name} диапазон слишком велик: не более ${maxCount} квартир.`,
    TAKEN: ({ name }) => `Такой ${name} уже есть у другого домофона.`,
    EMPTY_CONDITION: ({ name }) => `Поле ${name} не должно быть null или пустым: не указывайте его, если оно неважно.`,
    NOT_NARROWED: ({ name }) =>
      `В ${name} указано только состояние линий, то есть все дома. Укажите домофон, номера, название, ключ, логин или время либо отправьте all: true.`,
    NO_ID_LEFT: ({ name }) => `Для новых записей (${name}) не осталось номеров: наибольший уже занят.`,
  },
  andMore: (count) => `(и ещё ошибок: ${count})`,
  versionConflict: 'Квартиру уже изменил кто-то другой: её версия не та, которую вы ожидаете.',
  notApplied: 'Не применено, так как другое изменение этого запроса отклонено.',
  flatsInUse: (count) =>
    `У квартир, которые были бы удалены, ещё есть ключи или пользователи: ${count}. Чтобы всё равно удалить их, отправьте force: true.`,
  tooManyUpdates: (max) => `Слишком много изменений в одном запросе: не более ${max}. Ничего не изменено.`,
  invalidJson: 'Тело запроса не является корректным JSON.',
  notAnObject: 'Тело запроса должно быть объектом JSON.',
  unknownPath: 'По этому адресу ничего нет.',
  wrongMethod: (allowed) => `Этот метод здесь не поддерживается; поддерживается: ${allowed}.`,
  bodyTooLarge: (maxBytes) => `Тело запроса слишком большое: не более ${maxBytes} байт.`,
  wrongContentType: 'У запроса POST должен быть тип содержимого application/json.',
  wrongCharset: 'Тело запроса должно быть в кодировке UTF-8: укажите charset=utf-8 или не указывайте charset.',
  bodyNotUtf8: 'Тело запроса не является корректным текстом UTF-8.',
  notAcceptable:
    'Ни один тип из заголовка Accept не поддерживается: application/json, application/graphql-response+json, text/event-stream.',
  streamNotAcceptable: 'Ответ на подписку — поток событий: отправьте заголовок Accept: text/event-stream.',
  unreadableRequest: 'Запрос не читается: variables или extensions не являются корректным JSON.',
  storage: {
    busy: 'Хранилище занято, изменение не сохранено; повторите запрос чуть позже.',
    full: 'Диск сервиса заполнен, изменение не сохранено; администратор должен освободить место.',
    readOnly: 'База данных сейчас доступна только для чтения, изменение не сохранено; нужен администратор.',
    outcomeUnknown:
      'Сбой диска во время сохранения: неизвестно, сохранено ли изменение; прочитайте текущее состояние или повторите запрос.',
    lost: 'База данных перемещена, заменена, удалена или повреждена во время работы сервиса: сейчас ничего нельзя прочитать или сохранить; нужен администратор.',
  },
  tokenMissing: 'Нужен токен: отправьте его в заголовке "Authorization: Bearer TOKEN".',
  tokenInvalid: 'В заголовке Authorization нет действующего токена.',
  scopeTooNarrow: (needed) => `Нужен токен с правами ${needed}.`,
  wrongScheme: 'В заголовке Authorization указана не схема Bearer: отправьте "Authorization: Bearer TOKEN".',
  noTokenYet:
    'Действующих токенов нет: в базе этого сервиса нет ни одного. Создать токен: npm run token -- create NAME --scope write',
  notLocalHttp10:
    'Пока нет ни одного токена, запрос HTTP/1.0 считается переданным через прокси, а обслуживаются только запросы с этого же компьютера. Отправьте HTTP/1.1 или создайте токен: npm run token -- create NAME --scope admin',
  missingHost: 'В запросе нет заголовка Host.',
  severalHosts: 'В запросе больше одного заголовка Host.',
  unknownExpectation: 'Заголовок Expect требует того, что не поддерживается; поддерживается 100-continue.',
  wrongEncoding: 'Тело запроса сжато или закодировано: отправьте его как есть, без Content-Encoding.',
  multipart: 'Тело multipart не читается: отправьте JSON или форму application/x-www-form-urlencoded.',
  unusableIfMatch:
    'В If-Match нет версии, которая может совпасть: отправьте строгий ETag в кавычках, как в ответе, например "3".',
  notLocal:
    'Пока нет ни одного токена, обслуживаются только запросы с этого же компьютера: на localhost и не через прокси. Создать токен: npm run token -- create NAME --scope admin',
  tooManyConnections: 'Открыто слишком много соединений; повторите запрос чуть позже.',
  overloaded: 'Сервис занят другими запросами и ответами, ничего не сделано; повторите запрос чуть позже.',
  tooManyStreams: 'Открыто слишком много подписок этого клиента; сначала завершите одну из них.',
  tooManyRequests: (perMinute, seconds) =>
    `Слишком много запросов: не более ${perMinute} в минуту. Повторите через ${seconds} с.`,
  internal: 'Произошла ошибка на нашей стороне.',
};

const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { en, ru };

export const textsOf = (locale: Locale): Catalogue => CATALOGUES[locale];

/** The language that an `Accept-Language` header prefers among ours (RFC 9110, 12.5.4). */
export function localeOf(acceptLanguage: string | undefined): Locale {
  let best: Locale = LOCALES[0];
  let bestWeight = 0;
  for (const part of acceptLanguage?.split(',') ?? []) {
    const [range = '', ...params] = part
      .toLowerCase()
      .split(';')
      .map((it) => it.trim());
    const locale = LOCALES.find((it) => range === it || range.startsWith(`${it}-`));
    const quality = params.find((it) => it.startsWith('q='));
    const weight = quality ? Number(quality.slice(2)) : 1;
    if (locale && weight > bestWeight) [best, bestWeight] = [locale, weight];
  }
  return best;
}

/** The text of a field error, with the fields in the caller's spelling. */
export function fieldErrorText(locale: Locale, error: FieldError, spell: (field: Field) => string): string {
  const { field, code, other } = error;
  return textsOf(locale).field[code]({
    field,
    name: spellPlace(error, spell),
    other: other && spellPlace({ ...error, field: other }, spell),
    maxLength: MAX_LENGTH[field],
    maxCount: MAX_COUNT[field],
  });
}

/** Where an error is, in the caller's spelling: the field, or an entry of it as `keys[0]`. */
export function spellPlace({ field, within, index }: FieldError, spell: (field: Field) => string): string {
  const name = within ? `${spell(within)}.${spell(field)}` : spell(field);
  return index === undefined ? name : `${name}[${index}]`;
}
