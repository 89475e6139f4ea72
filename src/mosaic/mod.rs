//! (mosaic)
