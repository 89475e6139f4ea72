//! (calibrate)
