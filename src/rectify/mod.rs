//! (rectify)
