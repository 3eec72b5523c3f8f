/**
 * Attributes of a message in its OTLP/JSON mapping (spans) as the values that log records have, so
 * that both become events by the same rules.
 */
import {
  type AnyValue,
  isMessage,
  type KeyValue,
  OtlpDouble,
  type OtlpJson,
  OtlpMap,
  type OtlpMessage,
  OtlpOpaque,
} from './model.ts';

export function attributesOf(message: OtlpMessage): KeyValue[] {
  return entriesOf(message.attributes);
}

function entriesOf(list: OtlpJson | undefined): KeyValue[] {
  if (!Array.isArray(list)) return [];
  // One for each entry: `withoutMoved` goes by their places.
  return list.map((entry) => {
    const { key = '', value } = isMessage(entry) ? entry : {};
    return { key: typeof key === 'string' ? key : '', value: anyValue(value) };
  });
}

function anyValue(json: OtlpJson | undefined): AnyValue {
  if (!isMessage(json)) return null;
  if (typeof json.stringValue === 'string') return json.stringValue;
  if (typeof json.boolValue === 'boolean') return json.boolValue;
  if (typeof json.intValue === 'string') return integerOf(json.intValue);
  const { doubleValue } = json;
  if (typeof doubleValue === 'number' || typeof doubleValue === 'string') {
    // `NaN` and the infinities are text in JSON; `Number` reads them as protobuf writes them.
    return new OtlpDouble(Number(doubleValue));
  }
  if (isMessage(json.arrayValue)) return listOf(json.arrayValue.values).map(anyValue);
  if (isMessage(json.kvlistValue)) return new OtlpMap(entriesOf(json.kvlistValue.values));
  if (typeof json.bytesValue === 'string') return Buffer.from(json.bytesValue, 'base64');
  if (typeof json.protobuf === 'string') return new OtlpOpaque('protobuf', json.protobuf);
  return typeof json.json === 'string' ? new OtlpOpaque('json', json.json) : null;
}

function listOf(json: OtlpJson | undefined): OtlpJson[] {
  return Array.isArray(json) ? json : [];
}

function integerOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
