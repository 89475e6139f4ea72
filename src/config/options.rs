//! Typed options per stage, built from the checked values.
