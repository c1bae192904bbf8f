import { MIN_TITLE_SEARCH } from '../domain/intercom.ts';
import { type Catalogue, isLine, isList } from './catalogue.ts';

export const ru: Catalogue = {
  field: {
    REQUIRED: ({ field, name, other }) =>
      isLine(field)
        ? `Укажите хотя бы одну линию, например ${name}.`
        : other
          ? `Укажите ${name} или ${other}.`
          : `Поле ${name} обязательно.`,
    MUTUALLY_EXCLUSIVE: ({ name, other }) => `Укажите что-то одно: ${name} или ${other}.`,
    INVALID_INTEGER: ({ name }) => `Поле ${name} должно быть целым числом не меньше 1.`,
    WRONG_ID_TYPE: ({ field, name }) =>
      `В поле ${name} указан id записи другого типа: нужен id ${field === 'intercomId' ? 'домофона' : field === 'changeSet' ? 'набора изменений' : 'квартиры'}.`,
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
    EXCEEDED: ({ name }) => `Изменилось бы больше квартир, чем допускает ${name}, поэтому ничего не изменено.`,
    PRUNED: ({ name }) =>
      `В журнале изменений уже нет всех изменений этого набора (${name}), они удалены как старые: вернуть их нельзя.`,
    NO_ID_LEFT: ({ name }) => `Для новых записей (${name}) не осталось номеров: наибольший уже занят.`,
  },
  andMore: (count) => `(и ещё ошибок: ${count})`,
  versionConflict: 'Квартиру уже изменил кто-то другой: её версия не та, которую вы ожидаете.',
  notApplied: 'Не применено, так как другое изменение этого запроса отклонено.',
  flatsInUse: (count) =>
    `У квартир, которые были бы удалены, ещё есть ключи или пользователи: ${count}. Чтобы всё равно удалить их, отправьте force: true.`,
  tooManyUpdates: (max) => `Слишком много изменений в одном запросе: не более ${max}. Ничего не изменено.`,
  tooManyIds: (max) => `Слишком много id в одном запросе: не более ${max}.`,
  invalidJson: 'Тело запроса не является корректным JSON.',
  notAnObject: 'Тело запроса должно быть объектом JSON.',
  unknownPath: 'По этому адресу ничего нет.',
  consoleNotBuilt: 'Не удалось собрать консоль; причина указана в журнале сервиса.',
  wrongMethod: (allowed) => `Этот метод здесь не поддерживается; поддерживается: ${allowed}.`,
  bodyTooLarge: (maxBytes) => `Тело запроса слишком большое: не более ${maxBytes} байт.`,
  wrongContentType: 'У запроса POST должен быть тип содержимого application/json.',
  wrongCharset: 'Тело запроса должно быть в кодировке UTF-8: укажите charset=utf-8 или не указывайте charset.',
  bodyNotUtf8: 'Тело запроса не является корректным текстом UTF-8.',
  notAcceptable:
    'Ни один тип из заголовка Accept не поддерживается: application/json, application/graphql-response+json, text/event-stream.',
  streamNotAcceptable:
    'Ответ на подписку — поток: отправьте заголовок Accept: text/event-stream или multipart/mixed;subscriptionSpec=1.0.',
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
  tokenInvalid: 'Этот токен не действует.',
  csvExpected: 'Отправьте файл CSV как тело запроса, с Content-Type: text/csv.',
  importRunning: 'Идёт другой импорт. Повторите, когда он закончится.',
  tokenExpired: 'Срок действия токена истёк: попросите новый.',
  scopeTooNarrow: (needed) => `Нужен токен с правами ${needed}.`,
  wrongScheme: 'В заголовке Authorization указана не схема Bearer: отправьте "Authorization: Bearer TOKEN".',
  noTokenYet:
    'Действующих токенов нет: в базе этого сервиса нет ни одного. Создать токен: npm run token -- create NAME --scope write',
  notLocalHttp10:
    'Пока нет ни одного токена, запрос HTTP/1.0 считается переданным через прокси, а обслуживаются только запросы с этого же компьютера. Отправьте HTTP/1.1 или создайте токен: npm run token -- create NAME --scope admin',
  wrongOrigin:
    'Страницам с этого origin нельзя открывать здесь WebSocket; оператор разрешает origin, указав его в CORS_ORIGINS.',
  badHandshake: (protocol) =>
    `Это не открытие WebSocket (RFC 6455, версия 13) с заголовком Sec-WebSocket-Protocol: ${protocol}.`,
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
