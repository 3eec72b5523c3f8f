/** What the body of an answer holds; it may be anything, for a destination may be anybody. */
import { isObject, type JsonObject } from '@vitrine/schema';

/** `undefined` where it is not one JSON object. */
export function objectIn(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
