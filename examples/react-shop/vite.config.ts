import { defineConfig } from "vite";

/** In development Vite serves the pages, and hands what is for the server to the server. */
export default defineConfig({
  server: { proxy: { "/api": "http://localhost:4000" } },
});
