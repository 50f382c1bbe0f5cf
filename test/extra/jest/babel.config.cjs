// For the transform of transformed.config.cjs alone.
module.exports = { presets: [["@babel/preset-env", { targets: { node: "current" } }]] };
