module.exports = {
  testMatch: ["**/cjs/*.cjs"],
  moduleFileExtensions: ["cjs", "js"],
  transformIgnorePatterns: ["/node_modules/(?!response-then/)"],
};
