module.exports = { testMatch: ["**/cjs/*.cjs"], moduleFileExtensions: ["cjs", "js"], transform: {} };
