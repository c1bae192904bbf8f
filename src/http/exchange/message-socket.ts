import type { Caller } from '../../domain/caller.ts';
import type { Locale } from '../../texts/index.ts';
import type { Closable } from './closable.ts';
import type { MessageExchange } from './message-exchange.ts';
import type { Cut } from './streams.ts';

/** A message, which counts in the memory for large ones until it is released. */
export interface Message {
  readonly bytes: Buffer;
  release(): void;
}

/** Why a message of a WebSocket is refused: the status and code that an answer over HTTP would have. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** When trying again helps, in seconds. */
  readonly retryAfter: number | undefined;
}

/** A WebSocket, as doors use it. */
export interface MessageSocket extends Closable {
  readonly locale: Locale;
  /** What its caller sent with the handshake, if it could. */
  readonly authorization: string | undefined;
  /** Whether its client has yet to take what was sent before. */
  readonly isFull: boolean;
  /** Resolves when it is not full any more, or closed. */
  drained(): Promise<void>;
  /** Sends each text as a message. */
  send(texts: readonly string[]): void;
  /** Sends one message in parts. */
  sendParts(parts: readonly (string | Buffer)[]): void;
  /** Reads no further messages, but for those that came already. */
  pause(): void;
  resume(): void;
  /** Closes it, also for those who wait for that here; a reason of more than 123 bytes is left out. */
  close(code: number, reason: string): void;
  onMessage(receive: (message: Message) => void): void;
  /** Identifies a caller by its `Authorization`, and counts the request that it makes. */
  admit(authorization: string | undefined): Promise<Caller | Refusal>;
  /** Has it cut when the service stops, or when its caller would no longer be accepted. */
  watch(caller: Caller, cut: (why: Cut) => void): void;
  /** Begins the exchange of a message; its end is reported when it closes. */
  begin(): MessageExchange;
}
