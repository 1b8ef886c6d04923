import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** The preview's own document: one file, since an opaque origin may fetch nothing, not even its own script. */
export default defineConfig({
  root: 'frame',
  plugins: [viteSingleFile()],
  build: {
    target: 'es2022',
    outDir: '../dist/frame',
    emptyOutDir: true,
    reportCompressedSize: false,
  },
});
