export * from './decode.ts';
export * from './events.ts';
export * from './model.ts';
export * from './request.ts';
export * from './response.ts';
