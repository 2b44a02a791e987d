/** Vite takes style sheets out of the script; to the compiler they are modules without a word. */
declare module "*.css";
