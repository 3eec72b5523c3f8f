/** Reads the text of a record that may have been tampered with. */
import { isObject, type JsonObject } from '@vitrine/schema';

/** `undefined` when it is no JSON object. */
export function parsedObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
