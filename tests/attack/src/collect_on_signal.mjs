// Loaded into a server that is measured: SIGUSR2 collects what can be collected, and prints what is held then.
process.on('SIGUSR2', () => {
  globalThis.gc();
  setTimeout(() => {
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    console.error(`held ${heapUsed + external} bytes`);
  }, 500);
});
