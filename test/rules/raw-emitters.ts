/** Where the scenarios look for them. */
export { RawEmitters, readStream, type Sent, START_S } from '@vitrine/shim/raw';
