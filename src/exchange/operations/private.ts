/** Operations of one's own account, signed. */
export const privateOperations = {};
