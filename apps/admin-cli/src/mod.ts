/** The app is its `bin`; there is nothing to import. @module */
export {};
