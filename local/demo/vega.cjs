// Vega awaits at its top level, so that it can only be imported; but where TypeScript emits CommonJS it
// turns import() into require(). This file stays as it is.
module.exports = async function loadVega() {
    const [{ parse, View }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
    return { parse, View, compile };
};
