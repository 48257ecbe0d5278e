//! Bundles that somebody changed: by a byte, or in a field, by strangers and by their maker.
