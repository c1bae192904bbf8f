/** Whether an `Accept-Encoding` header accepts gzip. */
export const takesGzip = (accepted: string | undefined): boolean =>
  /(?:^|,)\s*gzip\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))/i.test(accepted ?? '');
