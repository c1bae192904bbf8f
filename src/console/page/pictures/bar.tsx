/** A share of a whole. The numbers stand beside it as text. */
export const Bar = ({ part, whole, kind = '' }: { part: number; whole: number; kind?: string }) => (
  <svg class={`bar ${kind}`} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="whole" width="100" height="10" />
    <rect class="part" width={whole === 0 ? 0 : (100 * part) / whole} height="10" />
  </svg>
);
