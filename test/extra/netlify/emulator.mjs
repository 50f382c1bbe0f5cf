// Netlify's own emulator of its platform, as in `netlify dev`, with its own server, for the site in the working directory.
// (JavaScript, so that the types need none of this folder's packages.)
import process from "node:process";
import { NetlifyDev } from "@netlify/dev";

const off = { enabled: false };
const emulator = new NetlifyDev({
  projectRoot: process.cwd(),
  skipGitignore: true,
  functions: { enabled: true },
  edgeFunctions: { enabled: true },
  // Whatever else it has, some of it by network.
  aiGateway: off,
  blobs: off,
  database: off,
  environmentVariables: off,
  geolocation: off,
  headers: off,
  images: off,
  redirects: off,
  server: off,
  staticFiles: off,
});
const { serverAddress } = await emulator.start();
console.log(`port ${new URL(serverAddress).port}`);
