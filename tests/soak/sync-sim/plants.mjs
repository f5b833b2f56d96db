// Mistakes put into the product on purpose, so that the soak shows that it would find them.
export const PLANTS = {};
