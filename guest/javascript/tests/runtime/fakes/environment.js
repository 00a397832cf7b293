export default { getArguments: () => ['plugin.wasm'] };
