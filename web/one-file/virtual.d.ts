/** The WebAssembly of the engine for one thread: gzip, in base64. scripts/lib/one-file.mjs puts it into the page. */
declare module 'virtual:clearpipe/wasm' {
  const base64: string;
  export default base64;
}
