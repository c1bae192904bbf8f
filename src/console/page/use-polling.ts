import { useEffect } from 'preact/hooks';

/** Calls again and again while the page is seen, and at once when it is seen again. */
export function usePolling(everyMs: number, then: () => void): void {
  useEffect(() => {
    const ifSeen = () => {
      if (!document.hidden) then();
    };
    const timer = setInterval(ifSeen, everyMs);
    document.addEventListener('visibilitychange', ifSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ifSeen);
    };
  }, [everyMs]);
}
