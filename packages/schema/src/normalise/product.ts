/** What this product calls itself in other people's formats. */
export const PRODUCT = { vendor: 'Vitrine', name: 'Vitrine', version: '0.1.0' } as const;
