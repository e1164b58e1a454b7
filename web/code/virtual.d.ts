/** The code of the stages. scripts/lib/code.mjs cuts it out of the sources. */
declare module 'virtual:clearpipe/code' {
  const sections: Readonly<Record<'rust' | 'go', readonly import('./section').Section[]>>;
  export default sections;
}
