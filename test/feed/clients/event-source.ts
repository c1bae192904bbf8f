/**
 * Follows the feed with a browser's `EventSource`, which reconnects by itself. Each event has its cursor as `id`, which the browser
 * sends back as `Last-Event-ID`, so nothing is lost or repeated.
 */
export function follow(url: string, onChange: (change: unknown) => void, Source = EventSource): EventSource {
  const query = 'subscription { intercomFlatChanged { cursor flatId } }';
  const source = new Source(`${url}?query=${encodeURIComponent(query)}`);
  source.addEventListener('next', ({ data }) => onChange(JSON.parse(data).data.intercomFlatChanged));
  source.addEventListener('complete', () => source.close());
  return source;
}
