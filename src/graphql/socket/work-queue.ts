/** Work that is done one piece at a time, in its order. */
export interface WorkQueue<T> {
  add(item: T, bytes: number): void;
  /** Whether so much waits that no more should be taken. */
  readonly isFull: boolean;
  /** Resolves when nothing is being done, and nothing waits. */
  idle(): Promise<void>;
}

const MAX_WAITING = 100;
const MAX_WAITING_BYTES = 64 * 1024;

/** `work` must not reject; `moved` is called before each piece. */
export function createWorkQueue<T>(work: (item: T) => Promise<void>, moved: () => void): WorkQueue<T> {
  const waiting: { readonly item: T; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      waitingBytes -= next.bytes;
      moved();
      await work(next.item);
    }
    running = undefined;
  }

  return {
    add(item, bytes) {
      waiting.push({ item, bytes });
      waitingBytes += bytes;
      running ??= run();
    },
    get isFull() {
      return waiting.length >= MAX_WAITING || waitingBytes > MAX_WAITING_BYTES;
    },
    idle: async () => running,
  };
}
