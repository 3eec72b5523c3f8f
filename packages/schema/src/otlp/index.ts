export * from './decode.ts';
export * from './events.ts';
export * from './model.ts';
export {
  joinLogs,
  joinLogTexts,
  joinRecords,
  joinRecordTexts,
  type LoggedRecord,
  logBytes,
  logText,
  outgoingLog,
} from './page.ts';
export * from './request.ts';
export * from './response.ts';
