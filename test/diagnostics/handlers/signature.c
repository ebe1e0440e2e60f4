/* Exists, so that fixtures have no missing handlers. */
