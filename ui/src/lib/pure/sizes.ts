// Sizes and kinds of files in words.

import { words } from '../words';

/** "812 bytes", "14 KB", "3.2 MB". */
export function size(octets: number): string {
  if (octets < 1000) return octets === 1 ? words.file.byte : words.file.bytes(octets);
  if (octets < 999_500) return `${Math.round(octets / 1000)} KB`;
  if (octets < 999_500_000) return `${scaled(octets / 1_000_000)} MB`;
  return `${scaled(octets / 1_000_000_000)} GB`;
}

function scaled(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/** The short kind on a chip: the file's extension, or the media type's last part. */
export function kind(name: string, contentType: string): string {
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1];
  const subtype = contentType.split(';')[0]?.split('/')[1] ?? '';
  return (extension ?? subtype.slice(0, 5)).toUpperCase();
}
